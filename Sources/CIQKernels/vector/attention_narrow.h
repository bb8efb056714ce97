// Attention of few rows, typically one token's heads over a long cache: lanes along the head's width. See `attention.h`.
#ifndef IQK_VECTOR_ATTENTION_NARROW_H
#define IQK_VECTOR_ATTENTION_NARROW_H

#include <string.h>

#include "attention_tile.h"

/// Rows that share one pass over the values of a tile.
enum { IQK_NARROW_ROWS = 4 };

typedef struct iqk_narrow {
    int64_t rows;
    int64_t D;
    bool half;
    /// [rows, D] queries times the scale.
    float *q;
    /// [rows, D] weighted sums of values.
    float *out;
    /// [rows, IQK_TILE_KEYS] scores, then their exponentials.
    float *scores;
    /// [rows] each.
    float *largest;
    float *sums;
} iqk_narrow;

static inline __attribute__((always_inline)) vf v_load_cache(const void *p, int64_t at, bool half) {
    return half ? v_load_half((const uint16_t *)p + at) : v_load((const float *)p + at);
}
static inline __attribute__((always_inline)) vf v_load_cache_part(const void *p, int64_t at, int64_t n, bool half) {
    return half ? v_load_half_part((const uint16_t *)p + at, n) : v_load_part((const float *)p + at, n);
}

/// The products of one query with four keys, `stride` apart.
static inline __attribute__((always_inline)) void iqk_narrow_score_four(const float *q, const void *keys, int64_t at,
                                                                        int64_t stride, int64_t D, bool half,
                                                                        float *scores) {
    vf sums[4] = {v_set(0), v_set(0), v_set(0), v_set(0)};
    int64_t d = 0;
    for (; d + V_WIDTH <= D; d += V_WIDTH) {
        const vf number = v_load(q + d);
#pragma unroll
        for (int key = 0; key < 4; key++) {
            sums[key] = v_fma(number, v_load_cache(keys, at + key * stride + d, half), sums[key]);
        }
    }
    if (d < D) {
        const vf number = v_load_part(q + d, D - d);
#pragma unroll
        for (int key = 0; key < 4; key++) {
            sums[key] = v_fma(number, v_load_cache_part(keys, at + key * stride + d, D - d, half), sums[key]);
        }
    }
    v_store_sums(scores, sums[0], sums[1], sums[2], sums[3]);
}

static inline __attribute__((always_inline)) void iqk_narrow_scores_of(const iqk_narrow *narrow, const iqk_tile *tile,
                                                                       bool half) {
    const int64_t D = narrow->D;
    int64_t key = 0;
    for (; key + 4 <= tile->count; key += 4) {
        for (int64_t row = 0; row < narrow->rows; row++) {
            iqk_narrow_score_four(narrow->q + row * D, tile->keys, key * tile->stride, tile->stride, D, half,
                                  narrow->scores + row * IQK_TILE_KEYS + key);
        }
    }
    for (; key < tile->count; key++) {
        for (int64_t row = 0; row < narrow->rows; row++) {
            // Four times the same key: a stride of 0.
            float same[4];
            iqk_narrow_score_four(narrow->q + row * D, tile->keys, key * tile->stride, 0, D, half, same);
            narrow->scores[row * IQK_TILE_KEYS + key] = same[0];
        }
    }
}

/// Sets the scores of keys outside the row's range to -infinity.
static void iqk_narrow_mask(const iqk_narrow *narrow, const iqk_attention_shape *shape, const iqk_tile *tile,
                            int64_t group) {
    for (int64_t row = 0; row < narrow->rows; row++) {
        const int64_t query = row / group;
        float *scores = narrow->scores + row * IQK_TILE_KEYS;
        if (shape->causal) {
            const int64_t end = query + 1 - tile->first;
            for (int64_t key = end > 0 ? end : 0; key < tile->count; key++) scores[key] = -INFINITY;
        }
        if (shape->window > 0) {
            const int64_t start = query - shape->window + 1 - tile->first;
            for (int64_t key = 0; key < start && key < tile->count; key++) scores[key] = -INFINITY;
        }
    }
}

/// Turns the row's scores into exponentials relative to its largest score so far; returns the factor of what came before.
static float iqk_narrow_softmax(const iqk_narrow *narrow, float soft_cap, int64_t row, int64_t count) {
    float *scores = narrow->scores + row * IQK_TILE_KEYS;
    const vf none = v_set(-INFINITY);
    // The tile's memory is whole vectors: what lies behind the last key counts as hidden.
    for (int64_t key = count; key % V_WIDTH != 0; key++) scores[key] = -INFINITY;
    vf highest = none;
    for (int64_t key = 0; key < count; key += V_WIDTH) {
        vf score = v_load(scores + key);
        if (soft_cap > 0) {
            score = v_select_less(none, score, v_soft_cap(score, v_set(soft_cap), v_set(1 / soft_cap)), score);
            v_store(scores + key, score);
        }
        highest = v_max(score, highest);
    }
    const float tile_largest = v_largest(highest), before = narrow->largest[row];
    const float largest = tile_largest > before ? tile_largest : before;
    const float shift = largest == -INFINITY ? 0 : largest;
    const vf shifts = v_set(shift);
    vf sum = v_set(0);
    for (int64_t key = 0; key < count; key += V_WIDTH) {
        const vf e = v_exp(v_sub(v_load(scores + key), shifts));
        v_store(scores + key, e);
        sum = v_add(sum, e);
    }
    const float factor = before == -INFINITY ? 0 : before == largest ? 1 : expf(before - shift);
    narrow->largest[row] = largest;
    narrow->sums[row] = narrow->sums[row] * factor + v_sum(sum);
    return factor;
}

/// out[row, d ..< d + width vectors] of `rows` rows; `rows` and `width` are constants. A width of 0 means a last part.
static inline __attribute__((always_inline)) void iqk_narrow_sum_block(const iqk_narrow *narrow, const iqk_tile *tile,
                                                                       const float *factors, int rows, int width,
                                                                       int64_t row, int64_t d, bool half) {
    const int64_t D = narrow->D;
    vf sums[IQK_NARROW_ROWS][2];
    const int64_t part = D - d;
    float *out = narrow->out + row * D + d;
    const float *weights = narrow->scores + row * IQK_TILE_KEYS;
#pragma unroll
    for (int r = 0; r < rows; r++) {
        const vf factor = v_set(factors[row + r]);
        if (width == 0) sums[r][0] = v_mul(v_load_part(out + r * D, part), factor);
#pragma unroll
        for (int i = 0; i < width; i++) sums[r][i] = v_mul(v_load(out + r * D + i * V_WIDTH), factor);
    }
    for (int64_t key = 0; key < tile->count; key++) {
        vf numbers[2];
        const int64_t at = key * tile->stride + d;
        if (width == 0) numbers[0] = v_load_cache_part(tile->values, at, part, half);
#pragma unroll
        for (int i = 0; i < width; i++) numbers[i] = v_load_cache(tile->values, at + i * V_WIDTH, half);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            const vf weight = v_set(weights[r * IQK_TILE_KEYS + key]);
            if (width == 0) sums[r][0] = v_fma(weight, numbers[0], sums[r][0]);
#pragma unroll
            for (int i = 0; i < width; i++) sums[r][i] = v_fma(weight, numbers[i], sums[r][i]);
        }
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
        if (width == 0) v_store_part(out + r * D, sums[r][0], part);
#pragma unroll
        for (int i = 0; i < width; i++) v_store(out + r * D + i * V_WIDTH, sums[r][i]);
    }
}

static inline __attribute__((always_inline)) void iqk_narrow_sum_rows(const iqk_narrow *narrow, const iqk_tile *tile,
                                                                      const float *factors, int rows, int64_t row,
                                                                      bool half) {
    int64_t d = 0;
    for (; d + 2 * V_WIDTH <= narrow->D; d += 2 * V_WIDTH) {
        iqk_narrow_sum_block(narrow, tile, factors, rows, 2, row, d, half);
    }
    for (; d + V_WIDTH <= narrow->D; d += V_WIDTH) {
        iqk_narrow_sum_block(narrow, tile, factors, rows, 1, row, d, half);
    }
    if (d < narrow->D) iqk_narrow_sum_block(narrow, tile, factors, rows, 0, row, d, half);
}

static inline __attribute__((always_inline)) void iqk_narrow_values_of(const iqk_narrow *narrow, const iqk_tile *tile,
                                                                       const float *factors, bool half) {
    int64_t row = 0;
    for (; row + IQK_NARROW_ROWS <= narrow->rows; row += IQK_NARROW_ROWS) {
        iqk_narrow_sum_rows(narrow, tile, factors, IQK_NARROW_ROWS, row, half);
    }
    for (; row + 2 <= narrow->rows; row += 2) iqk_narrow_sum_rows(narrow, tile, factors, 2, row, half);
    if (row < narrow->rows) iqk_narrow_sum_rows(narrow, tile, factors, 1, row, half);
}

static void iqk_attention_narrow(const iqk_attention_job *job, const iqk_attention_task *task, float *scratch) {
    const iqk_attention_shape *shape = job->shape;
    const int64_t D = shape->head_dimension, group = shape->heads / shape->kv_heads;
    iqk_narrow narrow = {.rows = task->query_count * group, .D = D, .half = shape->cache_format == IQK_F16};
    narrow.q = scratch;
    narrow.out = narrow.q + narrow.rows * D;
    narrow.scores = narrow.out + narrow.rows * D;
    narrow.largest = narrow.scores + narrow.rows * IQK_TILE_KEYS;
    narrow.sums = narrow.largest + narrow.rows;
    float *factors = narrow.sums + narrow.rows;
    const int64_t first_row = (int64_t)task->sequence->query_start + task->first_query;
    for (int64_t row = 0; row < narrow.rows; row++) {
        const float *q = job->q + (first_row + row / group) * job->ldq + (task->kv_head * group + row % group) * D;
        for (int64_t d = 0; d < D; d++) narrow.q[row * D + d] = q[d] * shape->scale;
        narrow.largest[row] = -INFINITY;
        narrow.sums[row] = 0;
    }
    memset(narrow.out, 0, (size_t)(narrow.rows * D) * sizeof(float));
    iqk_tile_walk walk = {job, task, 0, 0};
    iqk_tile tile;
    while (iqk_next_tile(&walk, &tile)) {
        if (narrow.half) {
            iqk_narrow_scores_of(&narrow, &tile, true);
        } else {
            iqk_narrow_scores_of(&narrow, &tile, false);
        }
        iqk_narrow_mask(&narrow, shape, &tile, group);
        for (int64_t row = 0; row < narrow.rows; row++) {
            factors[row] = iqk_narrow_softmax(&narrow, shape->soft_cap, row, tile.count);
        }
        if (narrow.half) {
            iqk_narrow_values_of(&narrow, &tile, factors, true);
        } else {
            iqk_narrow_values_of(&narrow, &tile, factors, false);
        }
    }
    for (int64_t row = 0; row < narrow.rows; row++) {
        float *out = job->out + (first_row + row / group) * job->ldo + (task->kv_head * group + row % group) * D;
        const float inverse = narrow.sums[row] != 0 ? 1 / narrow.sums[row] : 0;
        for (int64_t d = 0; d < D; d++) out[d] = narrow.out[row * D + d] * inverse;
    }
}

#endif
