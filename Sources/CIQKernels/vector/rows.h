// Row kernels in the vocabulary of `simd_*.h`. Included once per level.
#ifndef IQK_VECTOR_ROWS_H
#define IQK_VECTOR_ROWS_H

#include <math.h>

#include "../internal.h"
#include "functions.h"

/// Four partial sums hide the latency of the additions and keep the rounding error low.
static inline vf v_sum_of_products(const float *a, const float *b, int64_t C) {
    vf sums[4] = {v_set(0), v_set(0), v_set(0), v_set(0)};
    int64_t i = 0;
    for (; i + 4 * V_WIDTH <= C; i += 4 * V_WIDTH) {
        for (int lane = 0; lane < 4; lane++) {
            sums[lane] = v_fma(v_load(a + i + lane * V_WIDTH), v_load(b + i + lane * V_WIDTH), sums[lane]);
        }
    }
    for (; i + V_WIDTH <= C; i += V_WIDTH) sums[0] = v_fma(v_load(a + i), v_load(b + i), sums[0]);
    if (i < C) sums[1] = v_fma(v_load_part(a + i, C - i), v_load_part(b + i, C - i), sums[1]);
    return v_add(v_add(sums[0], sums[1]), v_add(sums[2], sums[3]));
}

static void iqk_vector_rms_norm(const float *x, const float *weight, float weight_offset, float epsilon, float *y,
                                int64_t C) {
    const float mean_square = v_sum(v_sum_of_products(x, x, C)) / (float)C;
    const vf inverse = v_set(1 / sqrtf(mean_square + epsilon)), offset = v_set(weight_offset);
    int64_t i = 0;
    for (; i + V_WIDTH <= C; i += V_WIDTH) {
        v_store(y + i, v_mul(v_mul(v_load(x + i), inverse), v_add(v_load(weight + i), offset)));
    }
    if (i < C) {
        const int64_t n = C - i;
        v_store_part(y + i, v_mul(v_mul(v_load_part(x + i, n), inverse), v_add(v_load_part(weight + i, n), offset)), n);
    }
}

static float iqk_vector_mean(const float *x, int64_t C) {
    vf sums[2] = {v_set(0), v_set(0)};
    int64_t i = 0;
    for (; i + 2 * V_WIDTH <= C; i += 2 * V_WIDTH) {
        sums[0] = v_add(sums[0], v_load(x + i));
        sums[1] = v_add(sums[1], v_load(x + i + V_WIDTH));
    }
    for (; i + V_WIDTH <= C; i += V_WIDTH) sums[0] = v_add(sums[0], v_load(x + i));
    if (i < C) sums[1] = v_add(sums[1], v_load_part(x + i, C - i));
    return v_sum(v_add(sums[0], sums[1])) / (float)C;
}

static void iqk_vector_layer_norm(const float *x, const float *weight, const float *bias, float epsilon, float *y,
                                  int64_t C) {
    const float mean = iqk_vector_mean(x, C);
    const vf center = v_set(mean);
    vf squares = v_set(0);
    int64_t i = 0;
    for (; i + V_WIDTH <= C; i += V_WIDTH) {
        const vf distance = v_sub(v_load(x + i), center);
        squares = v_fma(distance, distance, squares);
    }
    float sum = v_sum(squares);
    for (; i < C; i++) sum += (x[i] - mean) * (x[i] - mean);
    const vf inverse = v_set(1 / sqrtf(sum / (float)C + epsilon));
    for (i = 0; i + V_WIDTH <= C; i += V_WIDTH) {
        const vf normal = v_mul(v_sub(v_load(x + i), center), inverse);
        v_store(y + i, v_fma(normal, v_load(weight + i), v_load(bias + i)));
    }
    if (i < C) {
        const int64_t n = C - i;
        const vf normal = v_mul(v_sub(v_load_part(x + i, n), center), inverse);
        v_store_part(y + i, v_fma(normal, v_load_part(weight + i, n), v_load_part(bias + i, n)), n);
    }
}

static void iqk_vector_rope(float *x, const float *cosine, const float *sine, int64_t half) {
    float *y = x + half;
    int64_t i = 0;
    for (; i + V_WIDTH <= half; i += V_WIDTH) {
        const vf first = v_load(x + i), second = v_load(y + i), c = v_load(cosine + i), s = v_load(sine + i);
        v_store(x + i, v_fnma(second, s, v_mul(first, c)));
        v_store(y + i, v_fma(first, s, v_mul(second, c)));
    }
    if (i < half) {
        const int64_t n = half - i;
        const vf first = v_load_part(x + i, n), second = v_load_part(y + i, n);
        const vf c = v_load_part(cosine + i, n), s = v_load_part(sine + i, n);
        v_store_part(x + i, v_fnma(second, s, v_mul(first, c)), n);
        v_store_part(y + i, v_fma(first, s, v_mul(second, c)), n);
    }
}

// MARK: Element by element

static inline vf v_gelu_tanh(vf g) {
    const vf cubic = v_mul(v_mul(v_mul(v_set(IQK_GELU_CUBIC), g), g), g);
    return v_gated(g, v_mul(v_set(IQK_GELU_TWICE_ROOT), v_add(g, cubic)));
}

static inline vf v_gelu_erf(vf x) {
    const vf half = v_mul(v_set(0.5f), x);
    return v_mul(half, v_add(v_set(1), v_erf(v_mul(x, v_set(IQK_ROOT_HALF)))));
}

#define IQK_DEFINE_PRODUCT(name, activation)                                                                         \
    static void iqk_vector_##name(const float *gate, const float *up, float *y, int64_t C) {                         \
        int64_t i = 0;                                                                                               \
        for (; i + V_WIDTH <= C; i += V_WIDTH) v_store(y + i, v_mul(activation(v_load(gate + i)), v_load(up + i)));  \
        if (i < C) {                                                                                                 \
            const int64_t n = C - i;                                                                                 \
            v_store_part(y + i, v_mul(activation(v_load_part(gate + i, n)), v_load_part(up + i, n)), n);             \
        }                                                                                                            \
    }

#define IQK_DEFINE_FUNCTION(name, function)                                                                          \
    static void iqk_vector_##name(const float *x, float *y, int64_t C) {                                             \
        int64_t i = 0;                                                                                               \
        for (; i + V_WIDTH <= C; i += V_WIDTH) v_store(y + i, function(v_load(x + i)));                              \
        if (i < C) v_store_part(y + i, function(v_load_part(x + i, C - i)), C - i);                                  \
    }

static inline vf v_silu(vf x) { return v_gated(x, x); }

IQK_DEFINE_PRODUCT(silu_multiply, v_silu)
IQK_DEFINE_PRODUCT(gelu_tanh_multiply, v_gelu_tanh)
IQK_DEFINE_FUNCTION(gelu_erf, v_gelu_erf)
IQK_DEFINE_FUNCTION(tanh, v_tanh)

static void iqk_vector_add(const float *x, float *y, int64_t C) {
    int64_t i = 0;
    for (; i + V_WIDTH <= C; i += V_WIDTH) v_store(y + i, v_add(v_load(y + i), v_load(x + i)));
    if (i < C) v_store_part(y + i, v_add(v_load_part(y + i, C - i), v_load_part(x + i, C - i)), C - i);
}

static void iqk_vector_scale(float factor, float *x, int64_t C) {
    const vf f = v_set(factor);
    int64_t i = 0;
    for (; i + V_WIDTH <= C; i += V_WIDTH) v_store(x + i, v_mul(v_load(x + i), f));
    if (i < C) v_store_part(x + i, v_mul(v_load_part(x + i, C - i), f), C - i);
}

static void iqk_vector_to_f16(const float *x, uint16_t *y, int64_t C) {
    int64_t i = 0;
    for (; i + V_WIDTH <= C; i += V_WIDTH) v_store_half(y + i, v_load(x + i));
    if (i < C) v_store_half_part(y + i, v_load_part(x + i, C - i), C - i);
}

#endif
