// The backward pass of attention for a block of queries, in the vocabulary of `simd_*.h`. Included once per level.
//
// The queries lie along the vectors: scores, probabilities and their gradients are matrices of [keys, queries], so that
// the softmax over keys needs no sums across a vector, and all products take keys, values, queries and dout as they lie
// in memory; only the block's queries and dout are transposed once. Three passes over the keys, a chunk at a time:
//   1. scores = K (scale q)^T, and their maximum;
//   2. e = exp(score - maximum), dp = V dout^T, and the sums of e and e dp, which give 1 / sum and mean = sum of p dp;
//   3. p = e / sum, ds = p (dp - mean) scale; dv += p dout, dk += ds q, dq += ds^T K.
#ifndef IQK_VECTOR_ATTENTION_BACKWARD_H
#define IQK_VECTOR_ATTENTION_BACKWARD_H

#include <math.h>

#include "../attention_backward.h"
#include "functions.h"
#include "product_description.h"

enum {
    /// Keys of a chunk: with 64 queries, its scores and keys stay in the first-level cache.
    IQK_CHUNK_KEYS = 64,
    /// Keys of a chunk whose keys are hidden from some queries by causality: the smaller, the less is computed in vain.
    IQK_CAUSAL_CHUNK_KEYS = 16,
};

static int64_t iqk_padded_queries(int64_t queries) { return (queries + V_WIDTH - 1) / V_WIDTH * V_WIDTH; }

static size_t iqk_vector_attention_backward_bytes(const iqk_attention_shape *shape, int64_t keys) {
    const size_t queries = (size_t)iqk_padded_queries(IQK_BACKWARD_QUERIES);
    const size_t matrices = shape->soft_cap > 0 ? 3 : 2;
    return queries * (2 * (size_t)shape->head_dimension + 3 + matrices * (size_t)keys) * sizeof(float);
}

/// A task with its memory. Matrices of keys have a row of `queries` numbers for each key that any query sees.
typedef struct iqk_backward_block {
    const iqk_attention_backward_job *job;
    const iqk_attention_backward_task *task;
    /// The queries, rounded up to whole vectors. The queries added are 0, and nothing is added to their gradients.
    int64_t queries;
    /// Position of the first query, its row in the batch, and the first columns of its head and of the key/value head.
    int64_t position, row, column, key_column;
    float *q;      // [D, queries], times scale
    float *dout;   // [D, queries]
    float *highest, *sum, *mean;  // [queries]
    float *e;      // scores, then their exponentials, then probabilities
    float *dp;     // gradients of probabilities, then of scores
    float *slope;  // derivatives of bounded scores, with a soft cap
} iqk_backward_block;

/// Consecutive keys, which the queries from `first_lane` on may see.
typedef struct iqk_backward_chunk {
    /// Row of the first key in the batch, its position, its row in the matrices of keys.
    int64_t row, position, at;
    int64_t count;
    int64_t first_lane;
} iqk_backward_chunk;

static iqk_backward_block iqk_backward_block_of(const iqk_attention_backward_job *job,
                                                const iqk_attention_backward_task *task, float *scratch) {
    const iqk_attention_shape *shape = job->shape;
    const iqk_segment *segment = &job->segments[task->segment];
    const int64_t D = shape->head_dimension, queries = iqk_padded_queries(task->query_count);
    const int64_t keys = iqk_visible_keys(shape, job->segments, task->segment, task->first_query, task->query_count);
    iqk_backward_block block = {.job = job, .task = task, .queries = queries};
    block.position = (int64_t)segment->first_position + task->first_query;
    block.row = (int64_t)segment->start + task->first_query;
    block.column = task->head * D;
    block.key_column = task->kv_head * D;
    block.q = scratch;
    block.dout = block.q + D * queries;
    block.highest = block.dout + D * queries;
    block.sum = block.highest + queries;
    block.mean = block.sum + queries;
    block.e = block.mean + queries;
    block.dp = block.e + keys * queries;
    block.slope = shape->soft_cap > 0 ? block.dp + keys * queries : block.dp;
    return block;
}

/// to[d, i] = factor * from[i, d] for i < count, and 0 for the rest of the `queries` columns.
static void iqk_transpose(const float *from, int64_t ld, int64_t count, int64_t D, float factor, float *to,
                          int64_t queries) {
    for (int64_t d = 0; d < D; d++) {
        float *line = to + d * queries;
        for (int64_t i = 0; i < count; i++) line[i] = factor * from[i * ld + d];
        for (int64_t i = count; i < queries; i++) line[i] = 0;
    }
}

/// Calls `body` with every chunk of the keys that the block's queries see.
static void iqk_for_each_chunk(const iqk_backward_block *block,
                               void (*body)(const iqk_backward_block *block, const iqk_backward_chunk *chunk)) {
    const iqk_attention_backward_job *job = block->job;
    const int64_t last_position = block->position + block->task->query_count - 1;
    int64_t at = 0;
    for (int32_t piece = block->task->segment; piece >= 0; piece = job->segments[piece].parent) {
        const iqk_key_rows rows = iqk_visible_rows(job->shape, &job->segments[piece], block->position, last_position);
        iqk_backward_chunk chunk = {.row = rows.first, .position = rows.position, .at = at};
        while (chunk.row < rows.last) {
            // Keys after the first query's position are seen by later queries alone.
            const int64_t hidden = job->shape->causal ? chunk.position - block->position : 0;
            chunk.first_lane = hidden > 0 ? hidden / V_WIDTH * V_WIDTH : 0;
            int64_t most = IQK_CHUNK_KEYS;
            if (job->shape->causal && hidden >= 0) most = IQK_CAUSAL_CHUNK_KEYS;
            if (job->shape->causal && hidden < 0 && -hidden < most) most = -hidden;
            chunk.count = rows.last - chunk.row < most ? rows.last - chunk.row : most;
            body(block, &chunk);
            chunk.row += chunk.count;
            chunk.position += chunk.count;
            chunk.at += chunk.count;
        }
        at = chunk.at;
    }
}

/// Scores that a query does not see become -infinity.
static void iqk_hide_scores(const iqk_backward_block *block, const iqk_backward_chunk *chunk) {
    const iqk_attention_shape *shape = block->job->shape;
    const int64_t last_query = block->position + block->task->query_count - 1;
    const bool by_order = shape->causal && chunk->position + chunk->count - 1 > block->position;
    const bool by_window = shape->window > 0 && chunk->position <= last_query - shape->window;
    if (!by_order && !by_window) return;
    for (int64_t key = 0; key < chunk->count; key++) {
        float *scores = block->e + (chunk->at + key) * block->queries;
        const int64_t from = shape->causal ? chunk->position + key - block->position : 0;
        int64_t to = block->queries;
        if (shape->window > 0 && chunk->position + key + shape->window - block->position < to) {
            to = chunk->position + key + shape->window - block->position;
        }
        for (int64_t lane = chunk->first_lane; lane < from && lane < block->queries; lane++) scores[lane] = -INFINITY;
        for (int64_t lane = to > chunk->first_lane ? to : chunk->first_lane; lane < block->queries; lane++) {
            scores[lane] = -INFINITY;
        }
    }
}

/// scores = cap * tanh(score / cap), and the derivative of that.
static void iqk_bound_scores(const iqk_backward_block *block, const iqk_backward_chunk *chunk) {
    const vf cap = v_set(block->job->shape->soft_cap), inverse = v_set(1 / block->job->shape->soft_cap);
    for (int64_t key = 0; key < chunk->count; key++) {
        const int64_t start = (chunk->at + key) * block->queries;
        for (int64_t lane = chunk->first_lane; lane < block->queries; lane += V_WIDTH) {
            const vf bounded = v_tanh(v_mul(v_load(block->e + start + lane), inverse));
            v_store(block->e + start + lane, v_mul(cap, bounded));
            v_store(block->slope + start + lane, v_fnma(bounded, bounded, v_set(1)));
        }
    }
}

/// Pass 1.
static void iqk_backward_scores(const iqk_backward_block *block, const iqk_backward_chunk *chunk) {
    const iqk_attention_backward_job *job = block->job;
    const int64_t queries = block->queries, lane = chunk->first_lane;
    v_multiply(&(v_product){.M = chunk->count, .N = queries - lane, .K = job->shape->head_dimension,
                            .a = job->k + chunk->row * job->ldk + block->key_column, .a_row = job->ldk, .a_step = 1,
                            .b = block->q + lane, .ldb = queries,
                            .c = block->e + chunk->at * queries + lane, .ldc = queries});
    if (job->shape->soft_cap > 0) iqk_bound_scores(block, chunk);
    iqk_hide_scores(block, chunk);
    for (int64_t i = lane; i < queries; i += V_WIDTH) {
        vf highest = v_load(block->highest + i);
        for (int64_t key = chunk->at; key < chunk->at + chunk->count; key++) {
            highest = v_max(v_load(block->e + key * queries + i), highest);
        }
        v_store(block->highest + i, highest);
    }
}

/// Pass 2.
static void iqk_backward_exponentials(const iqk_backward_block *block, const iqk_backward_chunk *chunk) {
    const iqk_attention_backward_job *job = block->job;
    const int64_t queries = block->queries, lane = chunk->first_lane;
    v_multiply(&(v_product){.M = chunk->count, .N = queries - lane, .K = job->shape->head_dimension,
                            .a = job->v + chunk->row * job->ldv + block->key_column, .a_row = job->ldv, .a_step = 1,
                            .b = block->dout + lane, .ldb = queries,
                            .c = block->dp + chunk->at * queries + lane, .ldc = queries});
    for (int64_t i = lane; i < queries; i += V_WIDTH) {
        const vf highest = v_load(block->highest + i);
        vf sum = v_set(0), mean = v_set(0);
        for (int64_t key = chunk->at; key < chunk->at + chunk->count; key++) {
            const vf e = v_exp(v_sub(v_load(block->e + key * queries + i), highest));
            v_store(block->e + key * queries + i, e);
            sum = v_add(sum, e);
            mean = v_fma(e, v_load(block->dp + key * queries + i), mean);
        }
        v_store(block->sum + i, v_add(v_load(block->sum + i), sum));
        v_store(block->mean + i, v_add(v_load(block->mean + i), mean));
    }
}

/// Pass 3, with 1 / sum in place of the sum.
static void iqk_backward_gradients(const iqk_backward_block *block, const iqk_backward_chunk *chunk) {
    const iqk_attention_backward_job *job = block->job;
    const iqk_attention_backward_task *task = block->task;
    const int64_t D = job->shape->head_dimension, queries = block->queries, lane = chunk->first_lane;
    const bool is_bounded = job->shape->soft_cap > 0;
    const vf scale = v_set(job->shape->scale);
    for (int64_t i = lane; i < queries; i += V_WIDTH) {
        const vf inverse = v_load(block->sum + i), mean = v_load(block->mean + i);
        for (int64_t key = chunk->at; key < chunk->at + chunk->count; key++) {
            float *e = block->e + key * queries + i, *dp = block->dp + key * queries + i;
            const vf p = v_mul(v_load(e), inverse);
            vf ds = v_mul(v_mul(p, v_sub(v_load(dp), mean)), scale);
            if (is_bounded) ds = v_mul(ds, v_load(block->slope + key * queries + i));
            v_store(e, p);
            v_store(dp, ds);
        }
    }
    const float *p = block->e + chunk->at * queries + lane, *ds = block->dp + chunk->at * queries + lane;
    const int64_t row = block->row + lane, count = task->query_count - lane;
    v_multiply(&(v_product){.M = chunk->count, .N = D, .K = count, .a = p, .a_row = queries, .a_step = 1,
                            .b = job->dout + row * job->lddo + block->column, .ldb = job->lddo,
                            .c = task->dv + chunk->row * task->lddv, .ldc = task->lddv, .adds = true});
    v_multiply(&(v_product){.M = chunk->count, .N = D, .K = count, .a = ds, .a_row = queries, .a_step = 1,
                            .b = job->q + row * job->ldq + block->column, .ldb = job->ldq,
                            .c = task->dk + chunk->row * task->lddk, .ldc = task->lddk, .adds = true});
    v_multiply(&(v_product){.M = count, .N = D, .K = chunk->count, .a = ds, .a_row = 1, .a_step = queries,
                            .b = job->k + chunk->row * job->ldk + block->key_column, .ldb = job->ldk,
                            .c = job->dq + row * job->lddq + block->column, .ldc = job->lddq, .adds = true});
}

static void iqk_vector_attention_backward(const iqk_attention_backward_job *job, const iqk_attention_backward_task *task,
                                          void *scratch) {
    const iqk_backward_block block = iqk_backward_block_of(job, task, scratch);
    const int64_t D = job->shape->head_dimension;
    iqk_transpose(job->q + block.row * job->ldq + block.column, job->ldq, task->query_count, D, job->shape->scale,
                  block.q, block.queries);
    iqk_transpose(job->dout + block.row * job->lddo + block.column, job->lddo, task->query_count, D, 1, block.dout,
                  block.queries);
    for (int64_t i = 0; i < block.queries; i++) {
        block.highest[i] = -INFINITY;
        block.sum[i] = 0;
        block.mean[i] = 0;
    }
    iqk_for_each_chunk(&block, iqk_backward_scores);
    iqk_for_each_chunk(&block, iqk_backward_exponentials);
    for (int64_t i = 0; i < block.queries; i++) {
        block.sum[i] = 1 / block.sum[i];
        block.mean[i] *= block.sum[i];
    }
    for (int64_t i = 0; i < task->query_count; i++) {
        float *dq = job->dq + (block.row + i) * job->lddq + block.column;
        for (int64_t d = 0; d < D; d++) dq[d] = 0;
    }
    iqk_for_each_chunk(&block, iqk_backward_gradients);
}

#endif
