// Row kernels in plain C: the reference of all other levels. Sums are accumulated in double.
#include "../internal.h"
#include "portable.h"

#include <math.h>

#include "../formats.h"

static void iqk_rms_norm_portable(const float *x, const float *weight, float weight_offset, float epsilon, float *y,
                                  int64_t C) {
    double sum = 0;
    for (int64_t i = 0; i < C; i++) sum += (double)x[i] * x[i];
    const float inverse = 1 / sqrtf((float)(sum / (double)C) + epsilon);
    for (int64_t i = 0; i < C; i++) y[i] = x[i] * inverse * (weight[i] + weight_offset);
}

static void iqk_layer_norm_portable(const float *x, const float *weight, const float *bias, float epsilon, float *y,
                                    int64_t C) {
    double sum = 0;
    for (int64_t i = 0; i < C; i++) sum += x[i];
    const double mean = sum / (double)C;
    double squares = 0;
    for (int64_t i = 0; i < C; i++) squares += (x[i] - mean) * (x[i] - mean);
    const float inverse = 1 / sqrtf((float)(squares / (double)C) + epsilon);
    for (int64_t i = 0; i < C; i++) y[i] = (x[i] - (float)mean) * inverse * weight[i] + bias[i];
}

static void iqk_rope_portable(float *x, const float *cosine, const float *sine, int64_t half) {
    for (int64_t i = 0; i < half; i++) {
        const float first = x[i], second = x[i + half];
        x[i] = first * cosine[i] - second * sine[i];
        x[i + half] = second * cosine[i] + first * sine[i];
    }
}

static void iqk_silu_multiply_portable(const float *gate, const float *up, float *y, int64_t C) {
    for (int64_t i = 0; i < C; i++) y[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

static void iqk_gelu_tanh_multiply_portable(const float *gate, const float *up, float *y, int64_t C) {
    // (1 + tanh(u)) / 2 = 1 / (1 + exp(-2u)), which does not cancel where u is very negative.
    for (int64_t i = 0; i < C; i++) {
        const float g = gate[i];
        const float twice = IQK_GELU_TWICE_ROOT * (g + IQK_GELU_CUBIC * g * g * g);
        y[i] = g / (1 + expf(-twice)) * up[i];
    }
}

static void iqk_gelu_erf_portable(const float *x, float *y, int64_t C) {
    for (int64_t i = 0; i < C; i++) y[i] = 0.5f * x[i] * (1 + erff(x[i] * IQK_ROOT_HALF));
}

static void iqk_tanh_portable(const float *x, float *y, int64_t C) {
    for (int64_t i = 0; i < C; i++) y[i] = tanhf(x[i]);
}

static void iqk_add_portable(const float *x, float *y, int64_t C) {
    for (int64_t i = 0; i < C; i++) y[i] += x[i];
}

static void iqk_scale_portable(float factor, float *x, int64_t C) {
    for (int64_t i = 0; i < C; i++) x[i] *= factor;
}

static void iqk_to_f16_portable(const float *x, uint16_t *y, int64_t C) {
    for (int64_t i = 0; i < C; i++) y[i] = iqk_f16_from_float(x[i]);
}

static void iqk_maximum_portable(const float *x, int64_t count, float *value, int64_t *index) {
    float best = -INFINITY;
    int64_t place = 0;
    for (int64_t i = 0; i < count; i++) {
        // False for NaN, so that it never wins.
        if (x[i] > best) {
            best = x[i];
            place = i;
        }
    }
    *value = best;
    *index = place;
}

static double iqk_sum_exp_portable(const float *x, int64_t count, float shift, float factor) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        if (x[i] != -INFINITY) sum += exp((double)((x[i] - shift) * factor));
    }
    return sum;
}

static int64_t iqk_collect_at_least_portable(const float *x, int64_t count, float threshold, int32_t *indices,
                                             int64_t capacity) {
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        if (x[i] >= threshold) {
            if (found < capacity) indices[found] = (int32_t)i;
            found++;
        }
    }
    return found;
}

static bool iqk_all_below_infinity_portable(const float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (!(x[i] < INFINITY)) return false;
    }
    return true;
}

const iqk_kernels iqk_kernels_portable = {
    .gradients = &iqk_gradient_kernels_portable,
    .rms_norm = iqk_rms_norm_portable,
    .layer_norm = iqk_layer_norm_portable,
    .rope = iqk_rope_portable,
    .silu_multiply = iqk_silu_multiply_portable,
    .gelu_tanh_multiply = iqk_gelu_tanh_multiply_portable,
    .gelu_erf = iqk_gelu_erf_portable,
    .tanh = iqk_tanh_portable,
    .add = iqk_add_portable,
    .scale = iqk_scale_portable,
    .to_f16 = iqk_to_f16_portable,
    .attention = {.rows = 1, .bytes = iqk_attention_bytes_portable, .forward = iqk_attention_portable},
    .maximum = iqk_maximum_portable,
    .sum_exp = iqk_sum_exp_portable,
    .collect_at_least = iqk_collect_at_least_portable,
    .all_below_infinity = iqk_all_below_infinity_portable,
};
