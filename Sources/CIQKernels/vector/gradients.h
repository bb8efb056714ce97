// The backward pass of the row operations, dropout and the optimiser, in the vocabulary of `simd_*.h`. Included once per
// level.
#ifndef IQK_VECTOR_GRADIENTS_H
#define IQK_VECTOR_GRADIENTS_H

#include <math.h>

#include "../internal.h"
#include "functions.h"
#include "rows.h"

/// Loads or stores a whole vector, or its first `n` elements where n < V_WIDTH.
static inline vf v_load_first(const float *p, int64_t n) { return n < V_WIDTH ? v_load_part(p, n) : v_load(p); }
static inline void v_store_first(float *p, vf x, int64_t n) {
    if (n < V_WIDTH) {
        v_store_part(p, x, n);
    } else {
        v_store(p, x);
    }
}

// MARK: Norms

static void iqk_vector_rms_norm_backward(const float *x, const float *weight, float weight_offset, float epsilon,
                                         const float *dy, float *dx, float *dweight, int64_t C) {
    const vf offset = v_set(weight_offset);
    // The sum of dy * weight * x: how much the loss depends on the row's length.
    vf squares[2] = {v_set(0), v_set(0)}, projections[2] = {v_set(0), v_set(0)};
    int64_t i = 0;
    for (; i + 2 * V_WIDTH <= C; i += 2 * V_WIDTH) {
        for (int lane = 0; lane < 2; lane++) {
            const int64_t at = i + lane * V_WIDTH;
            const vf value = v_load(x + at);
            squares[lane] = v_fma(value, value, squares[lane]);
            projections[lane] =
                v_fma(v_mul(v_load(dy + at), v_add(v_load(weight + at), offset)), value, projections[lane]);
        }
    }
    for (; i < C; i += V_WIDTH) {
        const vf value = v_load_first(x + i, C - i);
        squares[0] = v_fma(value, value, squares[0]);
        projections[0] = v_fma(v_mul(v_load_first(dy + i, C - i), v_add(v_load_first(weight + i, C - i), offset)), value,
                               projections[0]);
    }
    const double mean_square = (double)v_sum(v_add(squares[0], squares[1])) / (double)C;
    const double inverse = 1 / sqrt(mean_square + epsilon);
    const double projection = v_sum(v_add(projections[0], projections[1]));
    const vf factor = v_set((float)inverse);
    const vf correction = v_set((float)(projection * inverse * inverse * inverse / (double)C));
    for (i = 0; i < C; i += V_WIDTH) {
        const int64_t n = C - i;
        const vf value = v_load_first(x + i, n), scaled = v_mul(v_load_first(dy + i, n), factor);
        if (dweight) v_store_first(dweight + i, v_fma(scaled, value, v_load_first(dweight + i, n)), n);
        const vf d = v_fnma(value, correction, v_mul(scaled, v_add(v_load_first(weight + i, n), offset)));
        v_store_first(dx + i, v_add(v_load_first(dx + i, n), d), n);
    }
}

static void iqk_vector_layer_norm_backward(const float *x, const float *weight, float epsilon, const float *dy,
                                           float *dx, float *dweight, float *dbias, int64_t C) {
    const float mean = iqk_vector_mean(x, C);
    const vf center = v_set(mean);
    // With n = (x - mean) * inverse and g = dy * weight: dx = inverse * (g - mean(g) - n * mean(g * n)).
    vf squares = v_set(0), g_sum = v_set(0), projection = v_set(0);
    for (int64_t i = 0; i < C; i += V_WIDTH) {
        const int64_t n = C - i;
        const vf g = v_mul(v_load_first(dy + i, n), v_load_first(weight + i, n));
        vf distance = v_sub(v_load_first(x + i, n), center);
        // What lies behind the row is 0 here, and not as far from the mean as 0 is.
        if (n < V_WIDTH) {
            float padded[V_WIDTH] = {0};
            v_store_part(padded, distance, n);
            distance = v_load(padded);
        }
        squares = v_fma(distance, distance, squares);
        g_sum = v_add(g_sum, g);
        projection = v_fma(g, distance, projection);
    }
    const double inverse = 1 / sqrt((double)v_sum(squares) / (double)C + epsilon);
    const vf factor = v_set((float)inverse), g_mean = v_set((float)((double)v_sum(g_sum) / (double)C));
    const vf slope = v_set((float)((double)v_sum(projection) * inverse / (double)C));
    for (int64_t i = 0; i < C; i += V_WIDTH) {
        const int64_t n = C - i;
        const vf d = v_load_first(dy + i, n), normal = v_mul(v_sub(v_load_first(x + i, n), center), factor);
        if (dweight) v_store_first(dweight + i, v_fma(d, normal, v_load_first(dweight + i, n)), n);
        if (dbias) v_store_first(dbias + i, v_add(d, v_load_first(dbias + i, n)), n);
        const vf rest = v_fnma(normal, slope, v_sub(v_mul(d, v_load_first(weight + i, n)), g_mean));
        v_store_first(dx + i, v_fma(factor, rest, v_load_first(dx + i, n)), n);
    }
}

// MARK: Activations

/// activation(gate) of a gated unit, and its derivative.
typedef struct v_activation {
    vf value, slope;
} v_activation;

/// The logistic function of x and what it is short of 1, both to full precision.
typedef struct v_logistic_pair {
    vf value, rest;
} v_logistic_pair;

static inline v_logistic_pair v_logistic(vf x) {
    const vf power = v_exp(v_sub(v_set(0), x)), value = v_div(v_set(1), v_add(v_set(1), power));
    // The power is infinite where the value is 0; the difference from 1 is exact where the value is small.
    const vf rest = v_select_less(value, v_set(0.5f), v_sub(v_set(1), value), v_mul(power, value));
    return (v_logistic_pair){value, rest};
}

static inline v_activation v_silu_and_slope(vf g) {
    const v_logistic_pair sigmoid = v_logistic(g);
    return (v_activation){v_mul(g, sigmoid.value), v_mul(sigmoid.value, v_fma(g, sigmoid.rest, v_set(1)))};
}

static inline v_activation v_gelu_tanh_and_slope(vf g) {
    const vf square = v_mul(v_set(IQK_GELU_CUBIC), v_mul(g, g)), root = v_set(IQK_GELU_TWICE_ROOT);
    const v_logistic_pair sigmoid = v_logistic(v_mul(root, v_fma(square, g, g)));
    const vf inner = v_mul(root, v_fma(square, v_set(3), v_set(1)));
    // Where the sigmoid is saturated, its slope is 0 and g^2 may overflow: 0 times infinity must not arise.
    const vf slope = v_mul(sigmoid.value, sigmoid.rest);
    const vf part = v_select_less(v_set(0), slope, v_mul(v_mul(g, slope), inner), v_set(0));
    return (v_activation){v_mul(g, sigmoid.value), v_add(sigmoid.value, part)};
}

#define IQK_DEFINE_PRODUCT_BACKWARD(name, activation)                                                                \
    static void iqk_vector_##name##_backward(const float *gate, const float *up, const float *dy, float *dgate,      \
                                             float *dup, int64_t C) {                                                \
        for (int64_t i = 0; i < C; i += V_WIDTH) {                                                                   \
            const int64_t n = C - i;                                                                                 \
            const v_activation a = activation(v_load_first(gate + i, n));                                            \
            const vf d = v_load_first(dy + i, n), du = v_mul(d, v_load_first(up + i, n));                            \
            v_store_first(dgate + i, v_mul(du, a.slope), n);                                                         \
            v_store_first(dup + i, v_mul(d, a.value), n);                                                            \
        }                                                                                                            \
    }

IQK_DEFINE_PRODUCT_BACKWARD(silu_multiply, v_silu_and_slope)
IQK_DEFINE_PRODUCT_BACKWARD(gelu_tanh_multiply, v_gelu_tanh_and_slope)

static void iqk_vector_gelu_erf_backward(const float *x, const float *dy, float *dx, int64_t C) {
    for (int64_t i = 0; i < C; i += V_WIDTH) {
        const vf value = v_load_first(x + i, C - i), half = v_set(0.5f);
        const vf cumulative = v_fma(half, v_erf(v_mul(value, v_set(IQK_ROOT_HALF))), half);
        const vf density = v_mul(v_set(IQK_INVERSE_ROOT_TWO_PI), v_exp(v_mul(v_mul(v_set(-0.5f), value), value)));
        v_store_first(dx + i, v_mul(v_load_first(dy + i, C - i), v_fma(value, density, cumulative)), C - i);
    }
}

static void iqk_vector_tanh_backward(const float *y, const float *dy, float *dx, int64_t C) {
    for (int64_t i = 0; i < C; i += V_WIDTH) {
        const vf value = v_load_first(y + i, C - i), slope = v_fnma(value, value, v_set(1));
        v_store_first(dx + i, v_mul(v_load_first(dy + i, C - i), slope), C - i);
    }
}

static void iqk_vector_add_multiple(float factor, const float *x, float *y, int64_t C) {
    const vf f = v_set(factor);
    for (int64_t i = 0; i < C; i += V_WIDTH) {
        v_store_first(y + i, v_fma(f, v_load_first(x + i, C - i), v_load_first(y + i, C - i)), C - i);
    }
}

// MARK: Dropout

/// Blocks of Philox that are computed side by side.
enum { IQK_PHILOX_LANES = 16 };

/// Words of blocks block ..< block + 16 of Philox4x32-10, in order: see RandomStream. Plain C, which compilers turn into
/// vectors.
static void iqk_vector_philox(uint64_t seed, uint64_t stream, uint64_t block, uint32_t *words) {
    uint32_t a[IQK_PHILOX_LANES], b[IQK_PHILOX_LANES], c[IQK_PHILOX_LANES], d[IQK_PHILOX_LANES];
    for (int lane = 0; lane < IQK_PHILOX_LANES; lane++) {
        a[lane] = (uint32_t)(block + (uint64_t)lane);
        b[lane] = (uint32_t)((block + (uint64_t)lane) >> 32);
        c[lane] = (uint32_t)stream;
        d[lane] = (uint32_t)(stream >> 32);
    }
    uint32_t first = (uint32_t)seed, second = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++, first += 0x9E3779B9u, second += 0xBB67AE85u) {
        for (int lane = 0; lane < IQK_PHILOX_LANES; lane++) {
            const uint64_t left = (uint64_t)0xD2511F53u * a[lane], right = (uint64_t)0xCD9E8D57u * c[lane];
            a[lane] = (uint32_t)(right >> 32) ^ b[lane] ^ first;
            b[lane] = (uint32_t)right;
            c[lane] = (uint32_t)(left >> 32) ^ d[lane] ^ second;
            d[lane] = (uint32_t)left;
        }
    }
    for (int lane = 0; lane < IQK_PHILOX_LANES; lane++) {
        words[4 * lane] = a[lane];
        words[4 * lane + 1] = b[lane];
        words[4 * lane + 2] = c[lane];
        words[4 * lane + 3] = d[lane];
    }
}

static void iqk_vector_dropout(const float *x, float rate, uint64_t seed, uint64_t stream, uint64_t first, float *y,
                               int64_t C) {
    // A word is at least rate * 2^32 where it is at least that number rounded up.
    const uint32_t threshold = (uint32_t)ceil((double)rate * 4294967296.0);
    const float kept = 1 / (1 - rate);
    uint32_t words[4 * IQK_PHILOX_LANES];
    int64_t i = 0;
    while (i < C) {
        const uint64_t position = first + (uint64_t)i;
        iqk_vector_philox(seed, stream, position >> 2, words);
        const int64_t skipped = (int64_t)(position & 3), left = C - i;
        const int64_t count = left < 4 * IQK_PHILOX_LANES - skipped ? left : 4 * IQK_PHILOX_LANES - skipped;
        const uint32_t *word = words + skipped;
        const float *from = x + i;
        float *to = y + i;
        for (int64_t j = 0; j < count; j++) to[j] = word[j] >= threshold ? from[j] * kept : 0;
        i += count;
    }
}

// MARK: Optimiser

static void iqk_vector_adamw(const iqk_adamw_settings *settings, float *weights, const float *gradients, float *m,
                             float *v, int64_t count) {
    const vf decay = v_set(1 - settings->learning_rate * settings->weight_decay);
    const vf step = v_set(settings->learning_rate / settings->correction1);
    const vf inverse_root = v_set(1 / sqrtf(settings->correction2)), epsilon = v_set(settings->epsilon);
    const vf scale = v_set(settings->gradient_scale);
    const vf beta1 = v_set(settings->beta1), rest1 = v_set(1 - settings->beta1);
    const vf beta2 = v_set(settings->beta2), rest2 = v_set(1 - settings->beta2);
    for (int64_t i = 0; i < count; i += V_WIDTH) {
        const int64_t n = count - i;
        const vf g = v_mul(v_load_first(gradients + i, n), scale);
        const vf mean = v_fma(beta1, v_load_first(m + i, n), v_mul(rest1, g));
        const vf square = v_fma(beta2, v_load_first(v + i, n), v_mul(v_mul(rest2, g), g));
        v_store_first(m + i, mean, n);
        v_store_first(v + i, square, n);
        const vf change = v_div(v_mul(step, mean), v_fma(v_root(square), inverse_root, epsilon));
        v_store_first(weights + i, v_sub(v_mul(v_load_first(weights + i, n), decay), change), n);
    }
}

static double iqk_vector_sum_of_squares(const float *x, int64_t count) {
    vd sums[2] = {vd_zero(), vd_zero()};
    int64_t i = 0;
    for (; i + 2 * V_WIDTH <= count; i += 2 * V_WIDTH) {
        for (int lane = 0; lane < 2; lane++) {
            const vf value = v_load(x + i + lane * V_WIDTH);
            sums[lane] = vd_add_product(sums[lane], value, value);
        }
    }
    for (; i < count; i += V_WIDTH) {
        const vf value = v_load_first(x + i, count - i);
        sums[0] = vd_add_product(sums[0], value, value);
    }
    return vd_sum(sums[0]) + vd_sum(sums[1]);
}

#endif
