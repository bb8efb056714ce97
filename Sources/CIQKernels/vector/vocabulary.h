// Kernels over rows as long as the vocabulary, in the vocabulary of `simd_*.h`. Included once per level.
#ifndef IQK_VECTOR_VOCABULARY_H
#define IQK_VECTOR_VOCABULARY_H

#include <float.h>
#include <math.h>

#include "../internal.h"
#include "functions.h"

static void iqk_vector_maximum(const float *x, int64_t count, float *value, int64_t *index) {
    // v_max keeps the second argument where the first is NaN.
    vf best[2] = {v_set(-INFINITY), v_set(-INFINITY)};
    int64_t i = 0;
    for (; i + 2 * V_WIDTH <= count; i += 2 * V_WIDTH) {
        best[0] = v_max(v_load(x + i), best[0]);
        best[1] = v_max(v_load(x + i + V_WIDTH), best[1]);
    }
    float highest = v_largest(v_max(best[0], best[1]));
    for (; i < count; i++) {
        if (x[i] > highest) highest = x[i];
    }
    *value = highest;
    *index = 0;
    if (highest == -INFINITY) return;
    const vf wanted = v_set(highest);
    for (i = 0; i + V_WIDTH <= count; i += V_WIDTH) {
        const uint32_t bits = v_bits_at_least(v_load(x + i), wanted);
        if (bits != 0) {
            *index = i + __builtin_ctz(bits);
            return;
        }
    }
    while (i < count - 1 && !(x[i] >= highest)) i++;
    *index = i;
}

static double iqk_vector_sum_exp(const float *x, int64_t count, float shift, float factor) {
    const vf shifts = v_set(shift), factors = v_set(factor), least = v_set(-FLT_MAX);
    vd sum = vd_zero();
    int64_t i = 0;
    for (; i + V_WIDTH <= count; i += V_WIDTH) {
        const vf value = v_load(x + i);
        const vf e = v_exp(v_mul(v_sub(value, shifts), factors));
        // Not "lowest < value ? e : 0": NaN compares false, and has to reach the sum.
        sum = vd_add(sum, v_select_less(value, least, v_set(0), e));
    }
    double total = vd_sum(sum);
    for (; i < count; i++) {
        if (x[i] != -INFINITY) total += expf((x[i] - shift) * factor);
    }
    return total;
}

static int64_t iqk_vector_collect_at_least(const float *x, int64_t count, float threshold, int32_t *indices,
                                           int64_t capacity) {
    const vf bound = v_set(threshold);
    int64_t found = 0, i = 0;
    for (; i + V_WIDTH <= count; i += V_WIDTH) {
        for (uint32_t bits = v_bits_at_least(v_load(x + i), bound); bits != 0; bits &= bits - 1) {
            if (found < capacity) indices[found] = (int32_t)(i + __builtin_ctz(bits));
            found++;
        }
    }
    for (; i < count; i++) {
        if (x[i] >= threshold) {
            if (found < capacity) indices[found] = (int32_t)i;
            found++;
        }
    }
    return found;
}

static bool iqk_vector_all_below_infinity(const float *x, int64_t count) {
    const uint32_t all = (1u << V_WIDTH) - 1;
    const vf bound = v_set(INFINITY);
    int64_t i = 0;
    for (; i + V_WIDTH <= count; i += V_WIDTH) {
        if (v_bits_less(v_load(x + i), bound) != all) return false;
    }
    for (; i < count; i++) {
        if (!(x[i] < INFINITY)) return false;
    }
    return true;
}

#endif
