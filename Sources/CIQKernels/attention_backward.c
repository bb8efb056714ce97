// Attention's backward pass over packed segments: divides a call into tasks, and the tasks among the threads.
//
// A task is a block of queries of one segment under one query head; it writes their dq, and adds to dk and dv of all
// keys that they see. Tasks are ordered by key/value head, and every thread takes a run of consecutive tasks of about
// equal cost. The thread that has a key/value head's first task adds into the caller's dk and dv; a thread that joins in
// later, as it can for its first head only, adds into rows of its own, which are added to the caller's in the order of
// the threads. So the result depends on the sizes and the number of threads alone.
//
// The portable level has a form of its own, which shares nothing with this and is what this is tested against.
#include "attention_backward.h"

#include <string.h>

/// Pairs of a key and a vector's worth of queries that are worth a thread of their own: some tens of microseconds.
enum { IQK_BACKWARD_COST_PER_THREAD = 512 };

/// A block of queries: one task for every head.
typedef struct iqk_query_block {
    int32_t segment;
    int32_t first_query;
    int32_t query_count;
    /// Of one task, and of all tasks of one head before this block's.
    int64_t cost;
    int64_t before;
} iqk_query_block;

typedef struct iqk_backward_run {
    const iqk_attention_backward_job *job;
    const iqk_attention_kernels *kernels;
    const iqk_gradient_kernels *sums;
    const iqk_query_block *blocks;
    int64_t block_count;
    /// Of all tasks of one head.
    int64_t cost;
    /// The end of the last row of any segment.
    int64_t rows;
    int32_t group;
    int32_t threads;
} iqk_backward_run;

// MARK: Tasks

/// Writes the blocks where memory for them is given; returns how many there are, and the most keys that one sees.
static int64_t iqk_list_blocks(const iqk_attention_backward_job *job, iqk_query_block *blocks, int64_t *most_keys) {
    int64_t count = 0, before = 0;
    *most_keys = 0;
    for (int32_t segment = 0; segment < job->segment_count; segment++) {
        for (int32_t first = 0; first < job->segments[segment].count; first += IQK_BACKWARD_QUERIES, count++) {
            const int32_t left = job->segments[segment].count - first;
            const int32_t query_count = left < IQK_BACKWARD_QUERIES ? left : IQK_BACKWARD_QUERIES;
            iqk_query_block block = {segment, first, query_count, 0, before};
            const int64_t keys = iqk_visible_keys(job->shape, job->segments, segment, first, block.query_count);
            if (keys > *most_keys) *most_keys = keys;
            // Queries are computed by the vector, of up to 16.
            block.cost = keys * ((block.query_count + 15) / 16);
            before += block.cost;
            if (blocks != NULL) blocks[count] = block;
        }
    }
    return count;
}

/// The thread of a task: tasks are divided where their costs add up to a thread's share.
static int32_t iqk_thread_of_task(const iqk_backward_run *run, int32_t kv_head, const iqk_query_block *block,
                                  int32_t member) {
    const int64_t before = (kv_head * run->cost + block->before) * run->group + member * block->cost;
    return (int32_t)((before + block->cost / 2) * run->threads / (run->cost * run->job->shape->heads));
}

// MARK: Where keys' and values' gradients go

/// A thread's own rows of dk and, behind them, of dv, for one key/value head.
static float *iqk_own_rows(const iqk_backward_run *run, int32_t thread) {
    const size_t count = 2 * (size_t)run->rows * (size_t)run->job->shape->head_dimension;
    return iqk_scratch(run->job->context, thread, IQK_SCRATCH_ATTENTION_MERGE, count * sizeof(float));
}

/// Sets the rows of all segments to 0 in dk and dv of the task's key/value head.
static void iqk_clear_rows(const iqk_backward_run *run, const iqk_attention_backward_task *task) {
    const size_t bytes = (size_t)run->job->shape->head_dimension * sizeof(float);
    for (int64_t segment = 0; segment < run->job->segment_count; segment++) {
        const int64_t first = run->job->segments[segment].start, count = run->job->segments[segment].count;
        for (int64_t row = first; row < first + count; row++) {
            memset(task->dk + row * task->lddk, 0, bytes);
            memset(task->dv + row * task->lddv, 0, bytes);
        }
    }
}

static void iqk_begin_head(const iqk_backward_run *run, int32_t thread, iqk_attention_backward_task *task) {
    const iqk_attention_backward_job *job = run->job;
    const int64_t D = job->shape->head_dimension;
    if (iqk_thread_of_task(run, task->kv_head, run->blocks, 0) == thread) {
        task->dk = job->dk + task->kv_head * D;
        task->dv = job->dv + task->kv_head * D;
        task->lddk = job->lddk;
        task->lddv = job->lddv;
    } else {
        task->dk = iqk_own_rows(run, thread);
        task->dv = task->dk + run->rows * D;
        task->lddk = task->lddv = D;
    }
    iqk_clear_rows(run, task);
}

static void iqk_backward_tasks(void *argument, int32_t thread, int32_t threads) {
    (void)threads;
    const iqk_backward_run *run = argument;
    void *scratch = iqk_scratch(run->job->context, thread, IQK_SCRATCH_ATTENTION, run->job->scratch_bytes);
    if (scratch == NULL) return;  // Unreachable: the memory was reserved before the region began.
    iqk_attention_backward_task task = {0};
    for (int32_t kv_head = 0; kv_head < run->job->shape->kv_heads; kv_head++) {
        bool has_begun = false;
        task.kv_head = kv_head;
        for (const iqk_query_block *block = run->blocks; block < run->blocks + run->block_count; block++) {
            for (int32_t member = 0; member < run->group; member++) {
                if (iqk_thread_of_task(run, kv_head, block, member) != thread) continue;
                if (!has_begun) iqk_begin_head(run, thread, &task);
                has_begun = true;
                task.head = kv_head * run->group + member;
                task.segment = block->segment;
                task.first_query = block->first_query;
                task.query_count = block->query_count;
                run->kernels->backward(run->job, &task, scratch);
            }
        }
    }
}

// MARK: Sums over threads

/// The key/value head that a thread has rows of its own for, or -1: its first one, if another thread has that one's first
/// task.
static int32_t iqk_head_of_own_rows(const iqk_backward_run *run, int32_t thread) {
    for (int32_t kv_head = 0; kv_head < run->job->shape->kv_heads; kv_head++) {
        const iqk_query_block *last = run->blocks + run->block_count - 1;
        if (iqk_thread_of_task(run, kv_head, last, run->group - 1) < thread) continue;
        if (iqk_thread_of_task(run, kv_head, run->blocks, 0) >= thread) return -1;
        for (const iqk_query_block *block = run->blocks; block <= last; block++) {
            for (int32_t member = 0; member < run->group; member++) {
                if (iqk_thread_of_task(run, kv_head, block, member) == thread) return kv_head;
            }
        }
    }
    return -1;
}

/// Adds rows first ..< last of all threads' own dk and dv to the caller's.
static void iqk_add_own_rows(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_backward_run *run = argument;
    const iqk_attention_backward_job *job = run->job;
    const int64_t D = job->shape->head_dimension;
    for (int32_t other = 1; other < run->threads; other++) {
        const int32_t kv_head = iqk_head_of_own_rows(run, other);
        if (kv_head < 0) continue;
        const float *dk = iqk_own_rows(run, other), *dv = dk + run->rows * D;
        for (int64_t segment = 0; segment < job->segment_count; segment++) {
            const int64_t start = job->segments[segment].start, end = start + job->segments[segment].count;
            for (int64_t row = start > first ? start : first; row < (end < last ? end : last); row++) {
                run->sums->add_multiple(1, dk + row * D, job->dk + row * job->lddk + kv_head * D, D);
                run->sums->add_multiple(1, dv + row * D, job->dv + row * job->lddv + kv_head * D, D);
            }
        }
    }
}

// MARK: The call

static iqk_status iqk_run_backward(iqk_attention_backward_job *job, const iqk_attention_kernels *kernels,
                                   int64_t rows) {
    iqk_backward_run run = {.job = job, .kernels = kernels, .rows = rows};
    run.sums = iqk_context_kernels(job->context)->gradients;
    int64_t most_keys = 0;
    run.block_count = iqk_list_blocks(job, NULL, &most_keys);
    if (run.block_count == 0) return IQK_OK;
    iqk_query_block *blocks = iqk_scratch(job->context, 0, IQK_SCRATCH_ROW_SUMS,
                                          (size_t)run.block_count * sizeof(iqk_query_block));
    if (blocks == NULL) return IQK_OUT_OF_MEMORY;
    iqk_list_blocks(job, blocks, &most_keys);
    run.blocks = blocks;
    run.cost = blocks[run.block_count - 1].before + blocks[run.block_count - 1].cost;
    run.group = job->shape->heads / job->shape->kv_heads;
    const int64_t worthwhile = run.cost * job->shape->heads / IQK_BACKWARD_COST_PER_THREAD;
    const int32_t threads = iqk_context_threads(job->context);
    run.threads = worthwhile < 1 ? 1 : worthwhile < threads ? (int32_t)worthwhile : threads;
    job->scratch_bytes = kernels->backward_bytes(job->shape, most_keys);
    if (!iqk_scratch_reserve(job->context, IQK_SCRATCH_ATTENTION, job->scratch_bytes)) return IQK_OUT_OF_MEMORY;
    for (int32_t thread = 1; thread < run.threads; thread++) {
        if (iqk_own_rows(&run, thread) == NULL) return IQK_OUT_OF_MEMORY;
    }
    iqk_run_threads(job->context, run.threads, iqk_backward_tasks, &run);
    if (run.threads > 1) iqk_parallel_for(job->context, rows, iqk_add_own_rows, &run);
    return IQK_OK;
}

static void iqk_backward_heads_portable(void *argument, int32_t thread, int64_t first, int64_t last) {
    const iqk_attention_backward_job *job = argument;
    void *scratch = iqk_scratch(job->context, thread, IQK_SCRATCH_ATTENTION, job->scratch_bytes);
    if (scratch == NULL) return;  // Unreachable: the memory was reserved before the loop began.
    for (int64_t head = first; head < last; head++) iqk_attention_backward_portable(job, (int32_t)head, scratch);
}

iqk_status iqk_attention_backward(iqk_context *context, const iqk_attention_shape *shape, const float *q, int64_t ldq,
                                  const float *k, int64_t ldk, const float *v, int64_t ldv, const float *dout,
                                  int64_t lddo, const iqk_segment *segments, int64_t segment_count, float *dq,
                                  int64_t lddq, float *dk, int64_t lddk, float *dv, int64_t lddv) {
    if (shape->heads < 1 || shape->kv_heads < 1 || shape->heads % shape->kv_heads != 0 || shape->head_dimension < 1
        || segment_count < 0 || segment_count > INT32_MAX) {
        return IQK_INVALID_ARGUMENT;
    }
    int64_t keys = 1, rows = 0;
    for (int64_t s = 0; s < segment_count; s++) {
        const iqk_segment *segment = &segments[s];
        if (segment->start < 0 || segment->count < 0 || segment->parent >= s
            || (segment->parent >= 0 && !shape->causal)) {
            return IQK_INVALID_ARGUMENT;
        }
        keys += segment->count;
        const int64_t end = (int64_t)segment->start + segment->count;
        if (end > rows) rows = end;
    }
    iqk_attention_backward_job job = {context, shape, q,  ldq,  k,  ldk,  v,  ldv,  dout, lddo, segments, segment_count,
                                      dq,      lddq,  dk, lddk, dv, lddv, 0};
    const iqk_attention_kernels *kernels = iqk_attention_kernels_of(context, shape->precision);
    if (kernels->backward != NULL) return iqk_run_backward(&job, kernels, rows);
    job.scratch_bytes = iqk_attention_backward_bytes_portable(keys);
    if (!iqk_scratch_reserve(context, IQK_SCRATCH_ATTENTION, job.scratch_bytes)) return IQK_OUT_OF_MEMORY;
    iqk_parallel_for(context, shape->kv_heads, iqk_backward_heads_portable, &job);
    return IQK_OK;
}
