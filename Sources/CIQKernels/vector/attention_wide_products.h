// The products of attention of many rows, in f32. See `attention_wide.h`.
#ifndef IQK_VECTOR_ATTENTION_WIDE_PRODUCTS_H
#define IQK_VECTOR_ATTENTION_WIDE_PRODUCTS_H

#include "attention_wide.h"

/// scores[key, row ..< row + 2 vectors] of `count` keys; `count` is a constant at every call.
static inline __attribute__((always_inline)) void iqk_wide_score_block(const iqk_wide *wide, const float *keys,
                                                                       int64_t stride, int count, float *scores,
                                                                       int64_t row) {
    vf sums[V_TILE][2];
#pragma unroll
    for (int key = 0; key < count; key++) sums[key][0] = sums[key][1] = v_set(0);
    for (int64_t d = 0; d < wide->D; d++) {
        const vf first = v_load(wide->q + d * wide->R + row), second = v_load(wide->q + d * wide->R + row + V_WIDTH);
#pragma unroll
        for (int key = 0; key < count; key++) {
            const vf number = v_set(keys[key * stride + d]);
            sums[key][0] = v_fma(number, first, sums[key][0]);
            sums[key][1] = v_fma(number, second, sums[key][1]);
        }
    }
#pragma unroll
    for (int key = 0; key < count; key++) {
        v_store(scores + key * wide->R + row, sums[key][0]);
        v_store(scores + key * wide->R + row + V_WIDTH, sums[key][1]);
    }
}

static void iqk_wide_scores(const iqk_wide *wide, const float *keys, int64_t stride, int64_t count) {
    for (int64_t row = 0; row < wide->R; row += 2 * V_WIDTH) {
        int64_t key = 0;
        for (; key + V_TILE <= count; key += V_TILE) {
            iqk_wide_score_block(wide, keys + key * stride, stride, V_TILE, wide->scores + key * wide->R, row);
        }
        for (; key < count; key++) {
            iqk_wide_score_block(wide, keys + key * stride, stride, 1, wide->scores + key * wide->R, row);
        }
    }
}

/// out[d ..< d + width, row ..< row + 2 vectors] = out * factor + values * exponentials; `width` is a constant.
static inline __attribute__((always_inline)) void iqk_wide_sum_block(const iqk_wide *wide, const float *values,
                                                                     int64_t stride, int64_t count, int width,
                                                                     int64_t d, int64_t row) {
    const vf factor0 = v_load(wide->factors + row), factor1 = v_load(wide->factors + row + V_WIDTH);
    float *out = wide->out + d * wide->R + row;
    vf sums[V_TILE][2];
#pragma unroll
    for (int i = 0; i < width; i++) {
        sums[i][0] = v_mul(v_load(out + i * wide->R), factor0);
        sums[i][1] = v_mul(v_load(out + i * wide->R + V_WIDTH), factor1);
    }
    for (int64_t key = 0; key < count; key++) {
        const float *scores = wide->scores + key * wide->R + row;
        const vf first = v_load(scores), second = v_load(scores + V_WIDTH);
#pragma unroll
        for (int i = 0; i < width; i++) {
            const vf number = v_set(values[key * stride + d + i]);
            sums[i][0] = v_fma(number, first, sums[i][0]);
            sums[i][1] = v_fma(number, second, sums[i][1]);
        }
    }
#pragma unroll
    for (int i = 0; i < width; i++) {
        v_store(out + i * wide->R, sums[i][0]);
        v_store(out + i * wide->R + V_WIDTH, sums[i][1]);
    }
}

static void iqk_wide_values(const iqk_wide *wide, const float *values, int64_t stride, int64_t count) {
    for (int64_t row = 0; row < wide->R; row += 2 * V_WIDTH) {
        int64_t d = 0;
        for (; d + V_TILE <= wide->D; d += V_TILE) {
            iqk_wide_sum_block(wide, values, stride, count, V_TILE, d, row);
        }
        for (; d < wide->D; d++) iqk_wide_sum_block(wide, values, stride, count, 1, d, row);
    }
}

#endif
