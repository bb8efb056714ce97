// Attention of few queries a sequence, typically one token's heads over a long cache. See `attention.h`.
//
// Lanes run along the head's width; four rows meet four keys at a time. The rows are those of every sequence that shares the
// keys, and a row's numbers are the same whatever other rows there are.
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

/// Scores of `rows` rows with four keys of a tile, of which the last may be the same; `rows` and `half` are constants.
static inline __attribute__((always_inline)) void iqk_narrow_score_block(const iqk_narrow *narrow, const iqk_tile *tile,
                                                                         int rows, int64_t row, int64_t key, bool half) {
    const int64_t D = narrow->D, last = tile->count - 1;
    int64_t at[4];
#pragma unroll
    for (int k = 0; k < 4; k++) at[k] = (key + k < last ? key + k : last) * tile->stride;
    const float *q = narrow->q + row * D;
    vf sums[IQK_NARROW_ROWS][4];
#pragma unroll
    for (int r = 0; r < rows; r++)
#pragma unroll
        for (int k = 0; k < 4; k++) sums[r][k] = v_set(0);
    int64_t d = 0;
    for (; d + V_WIDTH <= D; d += V_WIDTH) {
        vf keys[4];
#pragma unroll
        for (int k = 0; k < 4; k++) keys[k] = v_load_cache(tile->keys, at[k] + d, half);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            const vf numbers = v_load(q + r * D + d);
#pragma unroll
            for (int k = 0; k < 4; k++) sums[r][k] = v_fma(numbers, keys[k], sums[r][k]);
        }
    }
    if (d < D) {
        vf keys[4];
#pragma unroll
        for (int k = 0; k < 4; k++) keys[k] = v_load_cache_part(tile->keys, at[k] + d, D - d, half);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            const vf numbers = v_load_part(q + r * D + d, D - d);
#pragma unroll
            for (int k = 0; k < 4; k++) sums[r][k] = v_fma(numbers, keys[k], sums[r][k]);
        }
    }
    v_store_sums_of_rows(narrow->scores + row * IQK_TILE_KEYS + key, IQK_TILE_KEYS, rows, sums);
}

static inline __attribute__((always_inline)) void iqk_narrow_scores(const iqk_narrow *narrow, const iqk_tile *tile,
                                                                    bool half) {
    const int64_t row_bytes = narrow->D * (half ? (int64_t)sizeof(uint16_t) : (int64_t)sizeof(float));
    for (int64_t key = 0; key < tile->count; key += 4) {
        // Values are wanted next, and lie in another place of memory than keys.
        for (int64_t k = key; k < key + 4 && k < tile->count; k++)
            for (int64_t line = 0; line < row_bytes; line += 64)
                __builtin_prefetch((const char *)tile->values + k * tile->stride * (row_bytes / narrow->D) + line);
        int64_t row = 0;
        for (; row + IQK_NARROW_ROWS <= narrow->rows; row += IQK_NARROW_ROWS)
            iqk_narrow_score_block(narrow, tile, IQK_NARROW_ROWS, row, key, half);
        switch (narrow->rows - row) {
        case 3: iqk_narrow_score_block(narrow, tile, 3, row, key, half); break;
        case 2: iqk_narrow_score_block(narrow, tile, 2, row, key, half); break;
        case 1: iqk_narrow_score_block(narrow, tile, 1, row, key, half); break;
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
    vf sums[IQK_NARROW_ROWS][V_PRODUCT_VECTORS];
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
        vf numbers[V_PRODUCT_VECTORS];
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
    for (; d + V_PRODUCT_VECTORS * V_WIDTH <= narrow->D; d += V_PRODUCT_VECTORS * V_WIDTH) {
        iqk_narrow_sum_block(narrow, tile, factors, rows, V_PRODUCT_VECTORS, row, d, half);
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
    switch (narrow->rows - row) {
    case 3: iqk_narrow_sum_rows(narrow, tile, factors, 3, row, half); break;
    case 2: iqk_narrow_sum_rows(narrow, tile, factors, 2, row, half); break;
    case 1: iqk_narrow_sum_rows(narrow, tile, factors, 1, row, half); break;
    }
}

/// Asks for the keys of a later tile, into the second cache, while this one is computed with.
static void iqk_narrow_ask(const iqk_narrow *narrow, const void *keys, int64_t stride, int64_t count) {
    const int64_t size = narrow->half ? sizeof(uint16_t) : sizeof(float);
    for (int64_t key = 0; key < count; key++)
        for (int64_t line = 0; line < narrow->D * size; line += 64)
            __builtin_prefetch((const char *)keys + key * stride * size + line, 0, 2);
}

/// The rows' sums over one tile. `is_seen` where every row sees every key.
static void iqk_narrow_add_tile(const iqk_narrow *narrow, const iqk_attention_shape *shape, const iqk_tile *tile,
                                bool is_seen, float *factors) {
    // The tile that follows in the same chunk, as a rule; beyond the chunk it does no harm.
    const int64_t size = narrow->half ? sizeof(uint16_t) : sizeof(float);
    if (tile->count == IQK_TILE_KEYS)
        iqk_narrow_ask(narrow, (const char *)tile->keys + tile->count * tile->stride * size, tile->stride, IQK_TILE_KEYS);
    narrow->half ? iqk_narrow_scores(narrow, tile, true) : iqk_narrow_scores(narrow, tile, false);
    if (!is_seen) iqk_narrow_mask(narrow, shape, tile, shape->heads / shape->kv_heads);
    for (int64_t row = 0; row < narrow->rows; row++)
        factors[row] = iqk_narrow_softmax(narrow, shape->soft_cap, row, tile->count);
    narrow->half ? iqk_narrow_values_of(narrow, tile, factors, true)
                 : iqk_narrow_values_of(narrow, tile, factors, false);
}

/// `count` of the rows, from `first` on.
static iqk_narrow iqk_narrow_part(const iqk_narrow *narrow, int64_t first, int64_t count) {
    iqk_narrow part = *narrow;
    part.rows = count;
    part.q += first * narrow->D;
    part.out += first * narrow->D;
    part.scores += first * IQK_TILE_KEYS;
    part.largest += first;
    part.sums += first;
    return part;
}

/// Asks for the first keys that a sequence has for itself.
static void iqk_narrow_ask_tail(const iqk_narrow *narrow, const iqk_attention_job *job, const iqk_attention_task *task,
                                const iqk_attention_sequence *sequence) {
    if (task->shared_chunks >= sequence->chunk_count) return;
    const iqk_kv_chunk *chunk = &job->chunks[sequence->chunk_start + task->shared_chunks];
    const int64_t size = narrow->half ? sizeof(uint16_t) : sizeof(float);
    iqk_narrow_ask(narrow, (const char *)chunk->keys + task->kv_head * chunk->head_stride * size, chunk->token_stride,
                   chunk->count < IQK_TILE_KEYS ? chunk->count : IQK_TILE_KEYS);
}

/// The row of q and out that a row of the task has.
static int64_t iqk_narrow_query(const iqk_attention_task *task, int64_t query) {
    return task->member_count > 1 ? task->sequence[query].query_start
                                  : (int64_t)task->sequence->query_start + task->first_query + query;
}

static void iqk_attention_narrow(const iqk_attention_job *job, const iqk_attention_task *task, float *scratch) {
    const iqk_attention_shape *shape = job->shape;
    const int64_t D = shape->head_dimension, group = shape->heads / shape->kv_heads;
    const int64_t queries = task->member_count > 1 ? task->member_count : task->query_count;
    iqk_narrow narrow = {.rows = queries * group, .D = D, .half = shape->cache_format == IQK_F16};
    narrow.scores = scratch;
    narrow.q = narrow.scores + narrow.rows * IQK_TILE_KEYS;
    narrow.out = narrow.q + narrow.rows * D;
    narrow.largest = narrow.out + narrow.rows * D;
    narrow.sums = narrow.largest + narrow.rows;
    float *factors = narrow.sums + narrow.rows;
    for (int64_t row = 0; row < narrow.rows; row++) {
        const float *q = job->q + iqk_narrow_query(task, row / group) * job->ldq
            + (task->kv_head * group + row % group) * D;
        for (int64_t d = 0; d < D; d++) narrow.q[row * D + d] = q[d] * shape->scale;
        narrow.largest[row] = -INFINITY;
        narrow.sums[row] = 0;
    }
    memset(narrow.out, 0, (size_t)(narrow.rows * D) * sizeof(float));
    iqk_tile_walk walk = {.job = job, .task = task, .last_chunk = task->shared_chunks};
    iqk_tile tile;
    while (task->member_count > 1 && iqk_next_tile(&walk, &tile)) iqk_narrow_add_tile(&narrow, shape, &tile, true, factors);
    for (int64_t member = 0; member < task->member_count; member++) {
        iqk_attention_task own = *task;
        own.sequence += member;
        if (member + 1 < task->member_count) iqk_narrow_ask_tail(&narrow, job, task, own.sequence + 1);
        const int64_t rows = task->query_count * group;
        const iqk_narrow part = iqk_narrow_part(&narrow, member * rows, rows);
        walk = (iqk_tile_walk){.job = job, .task = &own, .chunk = task->shared_chunks,
                               .last_chunk = own.sequence->chunk_count};
        while (iqk_next_tile(&walk, &tile)) iqk_narrow_add_tile(&part, shape, &tile, false, factors + member * rows);
    }
    for (int64_t row = 0; row < narrow.rows; row++) {
        float *out = job->out + iqk_narrow_query(task, row / group) * job->ldo
            + (task->kv_head * group + row % group) * D;
        const float inverse = narrow.sums[row] != 0 ? 1 / narrow.sums[row] : 0;
        for (int64_t d = 0; d < D; d++) out[d] = narrow.out[row * D + d] * inverse;
    }
}

#endif
