// Attention of many rows: rows in lanes. See `attention.h`.
#ifndef IQK_VECTOR_ATTENTION_WIDE_H
#define IQK_VECTOR_ATTENTION_WIDE_H

#include <string.h>

#include "attention_tile.h"

/// A task's working memory. R is the number of rows, padded; a row is a query of one head, heads fastest.
typedef struct iqk_wide {
    int64_t R;
    int64_t D;
    /// [D, R] queries times the scale.
    float *q;
    /// [D, R] weighted sums of values.
    float *out;
    /// [IQK_TILE_KEYS, R] scores, then their exponentials.
    float *scores;
    /// [R] each: the largest score, the sum of exponentials, the factor of the last rescaling, the query's index.
    float *largest;
    float *sums;
    float *factors;
    float *queries;
    /// [IQK_TILE_KEYS, D] for a cache of another format than f32.
    float *keys;
    float *values;
} iqk_wide;

static iqk_wide iqk_wide_layout(float *scratch, int64_t rows, int64_t D) {
    iqk_wide wide = {.R = iqk_padded_rows(rows), .D = D};
    wide.q = scratch;
    wide.out = wide.q + D * wide.R;
    wide.scores = wide.out + D * wide.R;
    wide.largest = wide.scores + IQK_TILE_KEYS * wide.R;
    wide.sums = wide.largest + wide.R;
    wide.factors = wide.sums + wide.R;
    wide.queries = wide.factors + wide.R;
    wide.keys = wide.queries + wide.R;
    wide.values = wide.keys + IQK_TILE_KEYS * D;
    return wide;
}

static void iqk_wide_begin(const iqk_wide *wide, const iqk_attention_job *job, const iqk_attention_task *task) {
    const int64_t D = wide->D, R = wide->R, group = job->shape->heads / job->shape->kv_heads;
    memset(wide->q, 0, (size_t)(2 * D * R) * sizeof(float));
    for (int64_t query = 0; query < task->query_count; query++) {
        const float *from = job->q + (task->sequence->query_start + task->first_query + query) * job->ldq
            + task->kv_head * group * D;
        for (int64_t member = 0; member < group; member++) {
            float *to = wide->q + query * group + member;
            for (int64_t d = 0; d < D; d++) to[d * R] = from[member * D + d] * job->shape->scale;
        }
    }
    for (int64_t row = 0; row < R; row++) {
        wide->largest[row] = -INFINITY;
        wide->sums[row] = 0;
        wide->queries[row] = (float)(row / group);
    }
}

// The products: in `attention_wide_products.h`, or in bfloat16.

/// scores[key, row] = keys[key] . q[row], of `count` keys `stride` numbers apart.
static void iqk_wide_scores(const iqk_wide *wide, const float *keys, int64_t stride, int64_t count);
/// out[d, row] = out * factors[row] + the sum of values[key, d] * scores[key, row] over `count` keys.
static void iqk_wide_values(const iqk_wide *wide, const float *values, int64_t stride, int64_t count);

static inline float iqk_clamp_position(int64_t position) {
    const int64_t limit = 1 << 24;
    return (float)(position < -limit ? -limit : position > limit ? limit : position);
}

/// Sets the scores of keys that a row does not see to -infinity.
static void iqk_wide_mask(const iqk_wide *wide, const iqk_attention_shape *shape, const iqk_attention_task *task,
                          const iqk_tile *tile) {
    const int64_t last_query = task->query_count - 1;
    const bool future = shape->causal && tile->first + tile->count - 1 > 0;
    const bool past = shape->window > 0 && tile->first <= last_query - shape->window;
    if (!future && !past) return;
    const vf hidden = v_set(-INFINITY);
    for (int64_t key = 0; key < tile->count; key++) {
        const int64_t position = tile->first + key;
        // Row r sees the key if from <= query[r] < until.
        const vf from = v_set(shape->causal ? iqk_clamp_position(position) : -INFINITY);
        const vf until = v_set(shape->window > 0 ? iqk_clamp_position(position + shape->window) : INFINITY);
        for (int64_t row = 0; row < wide->R; row += V_WIDTH) {
            float *score = wide->scores + key * wide->R + row;
            const vf query = v_load(wide->queries + row);
            const vf seen = v_select_less(query, until, v_load(score), hidden);
            v_store(score, v_select_less(query, from, hidden, seen));
        }
    }
}

static void iqk_wide_softmax(const iqk_wide *wide, float soft_cap, int64_t count) {
    const vf none = v_set(-INFINITY), zero = v_set(0);
    const vf cap = v_set(soft_cap), inverse_cap = v_set(soft_cap > 0 ? 1 / soft_cap : 0);
    for (int64_t row = 0; row < wide->R; row += V_WIDTH) {
        float *scores = wide->scores + row;
        const vf before = v_load(wide->largest + row);
        vf largest = before;
        for (int64_t key = 0; key < count; key++) {
            vf score = v_load(scores + key * wide->R);
            if (soft_cap > 0) {
                // A hidden key stays hidden.
                score = v_select_less(none, score, v_soft_cap(score, cap, inverse_cap), score);
                v_store(scores + key * wide->R, score);
            }
            largest = v_max(score, largest);
        }
        // A row that has seen no key yet has nothing to be relative to.
        const vf shift = v_select_less(none, largest, largest, zero);
        const vf factor = v_exp(v_sub(before, shift));
        vf sum = v_mul(v_load(wide->sums + row), factor);
        for (int64_t key = 0; key < count; key++) {
            const vf e = v_exp(v_sub(v_load(scores + key * wide->R), shift));
            v_store(scores + key * wide->R, e);
            sum = v_add(sum, e);
        }
        v_store(wide->largest + row, largest);
        v_store(wide->sums + row, sum);
        v_store(wide->factors + row, factor);
    }
}

static void iqk_wide_end(const iqk_wide *wide, const iqk_attention_job *job, const iqk_attention_task *task) {
    const int64_t D = wide->D, R = wide->R, group = job->shape->heads / job->shape->kv_heads;
    for (int64_t query = 0; query < task->query_count; query++) {
        float *to = job->out + (task->sequence->query_start + task->first_query + query) * job->ldo
            + task->kv_head * group * D;
        for (int64_t member = 0; member < group; member++) {
            const float *from = wide->out + query * group + member;
            const float sum = wide->sums[query * group + member];
            const float inverse = sum != 0 ? 1 / sum : 0;
            for (int64_t d = 0; d < D; d++) to[member * D + d] = from[d * R] * inverse;
        }
    }
}

static void iqk_attention_wide(const iqk_attention_job *job, const iqk_attention_task *task, float *scratch) {
    const iqk_attention_shape *shape = job->shape;
    const int64_t rows = (int64_t)task->query_count * (shape->heads / shape->kv_heads);
    const iqk_wide wide = iqk_wide_layout(scratch, rows, shape->head_dimension);
    iqk_wide_begin(&wide, job, task);
    iqk_tile_walk walk = {.job = job, .task = task, .last_chunk = task->sequence->chunk_count};
    iqk_tile tile;
    while (iqk_next_tile(&walk, &tile)) {
        int64_t stride;
        const float *keys = iqk_tile_rows(tile.keys, shape->cache_format, &tile, wide.D, wide.keys, &stride);
        iqk_wide_scores(&wide, keys, stride, tile.count);
        iqk_wide_mask(&wide, shape, task, &tile);
        iqk_wide_softmax(&wide, shape->soft_cap, tile.count);
        const float *values = iqk_tile_rows(tile.values, shape->cache_format, &tile, wide.D, wide.values, &stride);
        iqk_wide_values(&wide, values, stride, tile.count);
    }
    iqk_wide_end(&wide, job, task);
}

#endif
