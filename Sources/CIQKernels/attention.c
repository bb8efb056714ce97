// Attention over cached keys and values: divides a call into tasks and shares them out; storing into the cache.
#include "internal.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum {
    /// Rows (heads times sequences) of a task with several members: its working memory shall stay in the first caches.
    MOST_SHARED_ROWS = 48,
};

/// The threads take tasks in turn, since a causal task is the longer the later its queries. Which thread computes a task
/// does not change its result.
typedef struct iqk_attention_run {
    iqk_context *context;
    const iqk_attention_kernels *kernels;
    const iqk_attention_job *job;
    int64_t sequence_count;
    int32_t queries_per_task;
    size_t scratch_bytes;
    atomic_int next;
} iqk_attention_run;

/// Consecutive sequences that tasks are made of: one, or several that begin with the same `shared_chunks` chunks.
typedef struct iqk_attention_unit {
    int64_t first;
    int32_t members, shared_chunks;
    /// For each key/value head: blocks of queries of one sequence, or parts of the members.
    int32_t blocks;
} iqk_attention_unit;

static bool iqk_same_chunk(const iqk_kv_chunk *a, const iqk_kv_chunk *b) {
    return a->keys == b->keys && a->values == b->values && a->head_stride == b->head_stride
        && a->token_stride == b->token_stride && a->count == b->count && a->first_position == b->first_position;
}

/// How many chunks two sequences of one query begin with alike, and see as a whole.
static int32_t iqk_shared_chunks(const iqk_attention_job *job, const iqk_attention_sequence *a,
                                 const iqk_attention_sequence *b) {
    const int32_t most = a->chunk_count < b->chunk_count ? a->chunk_count : b->chunk_count;
    const int32_t first_position = a->first_position < b->first_position ? a->first_position : b->first_position;
    int32_t count = 0;
    for (; count < most; count++) {
        const iqk_kv_chunk *chunk = &job->chunks[a->chunk_start + count];
        if (!iqk_same_chunk(chunk, &job->chunks[b->chunk_start + count])) break;
        if (chunk->first_position + chunk->count > first_position) break;
    }
    return count;
}

/// The unit that begins with sequence `first`; by the call's description alone.
static iqk_attention_unit iqk_attention_unit_at(const iqk_attention_run *run, int64_t first) {
    const iqk_attention_job *job = run->job;
    const iqk_attention_sequence *sequence = &job->sequences[first];
    const int32_t group = job->shape->heads / job->shape->kv_heads, kv_heads = job->shape->kv_heads;
    iqk_attention_unit unit = {first, 1, 0, (sequence->query_count + run->queries_per_task - 1) / run->queries_per_task};
    // Within a window, every sequence sees another part of what they share.
    if (sequence->query_count != 1 || job->shape->window > 0 || group > run->kernels->shared_rows) return unit;
    for (int64_t index = first + 1; index < run->sequence_count; index++) {
        if (job->sequences[index].query_count != 1) break;
        const int32_t shared = iqk_shared_chunks(job, sequence, &job->sequences[index]);
        // Members share a prompt and with others no more than its beginning: a unit of those would read the rest for each.
        if (shared == 0 || (unit.members > 1 && shared < unit.shared_chunks)) break;
        unit.shared_chunks = unit.members == 1 ? shared : unit.shared_chunks;
        unit.members++;
    }
    // Two tasks a thread where the members suffice, so that no thread waits long for another.
    const int32_t limit = MOST_SHARED_ROWS / group > 1 ? MOST_SHARED_ROWS / group : 1;
    const int32_t wanted = (2 * iqk_context_threads(run->context) + kv_heads - 1) / kv_heads;
    const int32_t most = unit.members / 2 > 1 ? unit.members / 2 : 1;
    unit.blocks = wanted < most ? wanted : most;
    if (unit.blocks < (unit.members + limit - 1) / limit) unit.blocks = (unit.members + limit - 1) / limit;
    return unit;
}

static iqk_attention_task iqk_attention_task_of(const iqk_attention_run *run, const iqk_attention_unit *unit,
                                                int64_t index) {
    const int32_t kv_heads = run->job->shape->kv_heads, block = (int32_t)(index / kv_heads);
    const iqk_attention_sequence *sequence = &run->job->sequences[unit->first];
    if (unit->members > 1) {
        const int32_t first = unit->members * block / unit->blocks;
        const int32_t members = unit->members * (block + 1) / unit->blocks - first;
        return (iqk_attention_task){sequence + first, members, members > 1 ? unit->shared_chunks : 0,
                                    (int32_t)(index % kv_heads), 0, 1};
    }
    // The last queries, which see the most keys, come first.
    const int32_t first = (unit->blocks - 1 - block) * run->queries_per_task, left = sequence->query_count - first;
    return (iqk_attention_task){sequence, 1, 0, (int32_t)(index % kv_heads), first,
                                left < run->queries_per_task ? left : run->queries_per_task};
}

static void iqk_attention_part(void *argument, int32_t thread, int32_t threads) {
    (void)threads;
    iqk_attention_run *run = argument;
    void *scratch = iqk_scratch(run->context, thread, IQK_SCRATCH_ATTENTION, run->scratch_bytes);
    if (scratch == NULL) return;  // Unreachable: the memory was reserved before the region began.
    int64_t wanted = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed), passed = 0;
    for (int64_t index = 0; index < run->sequence_count;) {
        const iqk_attention_unit unit = iqk_attention_unit_at(run, index);
        const int64_t count = (int64_t)unit.blocks * run->job->shape->kv_heads;
        for (; wanted < passed + count; wanted = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed)) {
            const iqk_attention_task task = iqk_attention_task_of(run, &unit, wanted - passed);
            run->kernels->forward(run->job, &task, scratch);
        }
        passed += count;
        index += unit.members;
    }
}

iqk_status iqk_attention(iqk_context *context, const iqk_attention_shape *shape, const float *q, int64_t ldq,
                         const iqk_attention_sequence *sequences, int64_t sequence_count, const iqk_kv_chunk *chunks,
                         int64_t chunk_count, float *out, int64_t ldo) {
    if (shape->kv_heads < 1 || shape->heads < 1 || shape->heads % shape->kv_heads != 0 || shape->head_dimension < 1) {
        return IQK_INVALID_ARGUMENT;
    }
    if (shape->cache_format != IQK_F32 && shape->cache_format != IQK_F16) return IQK_UNSUPPORTED_FORMAT;
    const iqk_attention_kernels *kernels = iqk_attention_kernels_of(context, shape->precision);
    const int32_t group = shape->heads / shape->kv_heads;
    const int32_t queries_per_task = kernels->rows > group ? kernels->rows / group : 1;
    int64_t most_queries = 0, most_keys = 0, work = 0;
    for (int64_t index = 0; index < sequence_count; index++) {
        const iqk_attention_sequence *sequence = &sequences[index];
        if (sequence->query_count < 0 || sequence->chunk_start < 0 || sequence->chunk_count < 0
            || (int64_t)sequence->chunk_start + sequence->chunk_count > chunk_count) {
            return IQK_INVALID_ARGUMENT;
        }
        int64_t keys = 0;
        for (int32_t c = 0; c < sequence->chunk_count; c++) keys += chunks[sequence->chunk_start + c].count;
        if (keys > most_keys) most_keys = keys;
        if (sequence->query_count > most_queries) most_queries = sequence->query_count;
        work += sequence->query_count * keys * shape->heads * shape->head_dimension;
    }
    const iqk_attention_job job = {shape, q, ldq, sequences, chunks, out, ldo};
    iqk_attention_run run = {.context = context, .kernels = kernels, .job = &job, .sequence_count = sequence_count,
                             .queries_per_task = queries_per_task};
    int64_t tasks = 0, most_rows = (most_queries < queries_per_task ? most_queries : queries_per_task) * group;
    for (int64_t index = 0; index < sequence_count;) {
        const iqk_attention_unit unit = iqk_attention_unit_at(&run, index);
        const int64_t rows = (int64_t)(unit.members > 1 ? (unit.members + unit.blocks - 1) / unit.blocks : 0) * group;
        if (rows > most_rows) most_rows = rows;
        tasks += (int64_t)unit.blocks * shape->kv_heads;
        index += unit.members;
    }
    if (tasks == 0) return IQK_OK;
    run.scratch_bytes = kernels->bytes(most_rows, shape->head_dimension, most_keys);
    if (!iqk_scratch_reserve(context, IQK_SCRATCH_ATTENTION, run.scratch_bytes)) return IQK_OUT_OF_MEMORY;
    atomic_init(&run.next, 0);
    iqk_run_threads(context, work < 1 << 16 ? 1 : tasks, iqk_attention_part, &run);
    return IQK_OK;
}

// MARK: Cache

typedef struct iqk_kv_store_job {
    const iqk_kernels *kernels;
    const float *source;
    int64_t lds;
    void *destination;
    iqk_format format;
    int64_t head_stride, token_stride, at, kv_heads, D;
} iqk_kv_store_job;

static void iqk_kv_store_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_kv_store_job *job = argument;
    for (int64_t t = first; t < last; t++) {
        for (int64_t head = 0; head < job->kv_heads; head++) {
            const float *from = job->source + t * job->lds + head * job->D;
            const int64_t to = head * job->head_stride + (job->at + t) * job->token_stride;
            if (job->format == IQK_F32) {
                memcpy((float *)job->destination + to, from, (size_t)job->D * sizeof(float));
            } else {
                job->kernels->to_f16(from, (uint16_t *)job->destination + to, job->D);
            }
        }
    }
}

iqk_status iqk_kv_store(iqk_context *context, const float *source, int64_t lds, void *destination, iqk_format format,
                        int64_t head_stride, int64_t token_stride, int64_t at, int64_t T, int64_t kv_heads, int64_t D) {
    if (format != IQK_F32 && format != IQK_F16) return IQK_UNSUPPORTED_FORMAT;
    if (T < 0 || at < 0 || kv_heads < 0 || D < 0) return IQK_INVALID_ARGUMENT;
    iqk_kv_store_job job = {iqk_context_kernels(context), source, lds, destination, format, head_stride, token_stride,
                            at, kv_heads, D};
    const int64_t width = kv_heads * D;
    iqk_parallel_for_grain(context, T, width > 0 && width < 32768 ? 32768 / width : 1, iqk_kv_store_part, &job);
    return IQK_OK;
}
