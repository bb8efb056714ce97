// Attention over cached keys and values: divides a call into tasks and shares them out; storing into the cache.
#include "internal.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

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

static int64_t iqk_task_count(const iqk_attention_sequence *sequence, const iqk_attention_shape *shape,
                              int32_t queries_per_task) {
    return (sequence->query_count + queries_per_task - 1) / queries_per_task * (int64_t)shape->kv_heads;
}

static void iqk_attention_part(void *argument, int32_t thread, int32_t threads) {
    (void)threads;
    iqk_attention_run *run = argument;
    const iqk_attention_job *job = run->job;
    void *scratch = iqk_scratch(run->context, thread, IQK_SCRATCH_ATTENTION, run->scratch_bytes);
    if (scratch == NULL) return;  // Unreachable: the memory was reserved before the region began.
    int64_t wanted = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed), passed = 0;
    for (int64_t index = 0; index < run->sequence_count; index++) {
        const iqk_attention_sequence *sequence = &job->sequences[index];
        const int64_t count = iqk_task_count(sequence, job->shape, run->queries_per_task);
        for (; wanted < passed + count; wanted = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed)) {
            // The last queries, which see the most keys, come first.
            const int64_t task_index = wanted - passed, kv_heads = job->shape->kv_heads;
            const int64_t block = count / kv_heads - 1 - task_index / kv_heads;
            const int32_t first = (int32_t)block * run->queries_per_task;
            const int32_t left = sequence->query_count - first;
            const iqk_attention_task task = {sequence, (int32_t)(task_index % kv_heads), first,
                                             left < run->queries_per_task ? left : run->queries_per_task};
            run->kernels->forward(job, &task, scratch);
        }
        passed += count;
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
    int64_t tasks = 0, most_queries = 0, most_keys = 0, work = 0;
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
        tasks += iqk_task_count(sequence, shape, queries_per_task);
        work += sequence->query_count * keys * shape->heads * shape->head_dimension;
    }
    if (tasks == 0) return IQK_OK;
    if (most_queries > queries_per_task) most_queries = queries_per_task;
    const size_t bytes = kernels->bytes(most_queries * group, shape->head_dimension, most_keys);
    if (!iqk_scratch_reserve(context, IQK_SCRATCH_ATTENTION, bytes)) return IQK_OUT_OF_MEMORY;
    const iqk_attention_job job = {shape, q, ldq, sequences, chunks, out, ldo};
    iqk_attention_run run = {.context = context, .kernels = kernels, .job = &job, .sequence_count = sequence_count,
                             .queries_per_task = queries_per_task, .scratch_bytes = bytes};
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
