// The softmax over the vocabulary and divergences between two of them, for one row, in the vocabulary of `simd_*.h`.
// Included once per level.
//
// Elements are computed in f32, sums in f64. -infinity marks what cannot be drawn: such an element adds nothing anywhere.
// The comparisons are written so that NaN passes, and reaches the results. The last elements of a row, fewer than a
// vector, are computed in a vector that is filled up with -infinity.
#ifndef IQK_VECTOR_SOFTMAX_GRADIENTS_H
#define IQK_VECTOR_SOFTMAX_GRADIENTS_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "../internal.h"
#include "functions.h"

/// x where `value` is above -infinity, or NaN; else 0.
static inline vf v_where_possible(vf value, vf x) { return v_select_less(value, v_set(-FLT_MAX), v_set(0), x); }

/// A vector from p, filled up with -infinity behind the first n elements.
static inline vf v_load_logits(const float *p, int64_t n) {
    if (n >= V_WIDTH) return v_load(p);
    float padded[V_WIDTH];
    v_store(padded, v_set(-INFINITY));
    memcpy(padded, p, (size_t)n * sizeof *p);
    return v_load(padded);
}

static inline void v_store_logits(float *p, vf x, int64_t n) {
    if (n < V_WIDTH) {
        v_store_part(p, x, n);
    } else {
        v_store(p, x);
    }
}

static void iqk_vector_softmax_statistics(const float *logits, float inverse_temperature, float *log_sum_exp,
                                          float *entropy, int64_t V) {
    // v_max keeps the second argument where the first is NaN.
    vf best[2] = {v_set(-INFINITY), v_set(-INFINITY)};
    int64_t j = 0;
    for (; j + 2 * V_WIDTH <= V; j += 2 * V_WIDTH) {
        best[0] = v_max(v_load(logits + j), best[0]);
        best[1] = v_max(v_load(logits + j + V_WIDTH), best[1]);
    }
    for (; j < V; j += V_WIDTH) best[0] = v_max(v_load_logits(logits + j, V - j), best[0]);
    const float highest = v_largest(v_max(best[0], best[1]));
    const vf shift = v_set(highest), factor = v_set(inverse_temperature);
    vd sum = vd_zero(), weighted = vd_zero();
    for (j = 0; j < V; j += V_WIDTH) {
        const vf logit = v_load_logits(logits + j, V - j);
        const vf z = v_mul(v_sub(logit, shift), factor), power = v_where_possible(logit, v_exp(z));
        sum = vd_add(sum, power);
        if (entropy) weighted = vd_add(weighted, v_where_possible(logit, v_mul(power, z)));
    }
    const double total = vd_sum(sum);
    *log_sum_exp = (float)(log(total) + (double)(highest * inverse_temperature));
    // H = log sum - sum of p z, both relative to the highest.
    if (entropy) *entropy = (float)(log(total) - vd_sum(weighted) / total);
}

static void iqk_vector_softmax_backward(float *logits, float inverse_temperature, float log_sum_exp, int64_t target,
                                        float dlogp, float entropy, float dentropy, int64_t V) {
    const vf factor = v_set(inverse_temperature), shift = v_set(log_sum_exp);
    const vf by_logp = v_set(-dlogp * inverse_temperature), by_entropy = v_set(-dentropy * inverse_temperature);
    for (int64_t j = 0; j < V; j += V_WIDTH) {
        const vf logit = v_load_logits(logits + j, V - j), logp = v_sub(v_mul(logit, factor), shift), p = v_exp(logp);
        vf d = by_logp;
        if (dentropy != 0) d = v_fma(by_entropy, v_add(logp, v_set(entropy)), d);
        v_store_logits(logits + j, v_where_possible(logit, v_mul(d, p)), V - j);
    }
    if (target >= 0 && target < V) logits[target] += dlogp * inverse_temperature;
}

// MARK: Divergences

/// The student's p and the teacher's q at a vector's places, and log p - log q.
typedef struct v_pair {
    vf p, q, difference;
} v_pair;

/// What all vectors of a row share.
typedef struct v_pair_row {
    vf factor, student_sum, teacher_sum, sum_difference;
} v_pair_row;

static inline v_pair v_load_pair(const v_pair_row *row, const float *logits, const float *teacher_logits, int64_t n) {
    const vf student = v_load_logits(logits, n), teacher = v_load_logits(teacher_logits, n);
    v_pair pair;
    pair.p = v_exp(v_sub(v_mul(student, row->factor), row->student_sum));
    pair.q = v_exp(v_sub(v_mul(teacher, row->factor), row->teacher_sum));
    // Not log p - log q: the difference of nearly equal logits is exact.
    pair.difference = v_sub(v_mul(v_sub(student, teacher), row->factor), row->sum_difference);
    return pair;
}

/// x where p is not 0 (NaN passes), else 0.
static inline vf v_where_likely(vf p, vf x) { return v_select_less(p, v_set(FLT_MIN), v_set(0), x); }

/// log(m / p) and log(m / q) of the mixture m = beta q + (1 - beta) p.
typedef struct v_mixture {
    vf by_student, by_teacher;
} v_mixture;

static inline v_mixture v_mix(v_pair pair, float beta) {
    // With r <= 1 the less likely one's share: log(m / larger) = log(1 + (the less likely one's weight) * (r - 1)).
    const vf zero = v_set(0);
    const vf rest = v_exp_minus_one_below_zero(v_sub(zero, v_absolute(pair.difference)));
    const vf weight = v_select_less(pair.difference, zero, v_set(1 - beta), v_set(beta));
    const vf by_larger = v_log_one_plus(v_mul(weight, rest));
    return (v_mixture){
        v_select_less(pair.difference, zero, v_sub(by_larger, pair.difference), by_larger),
        v_select_less(pair.difference, zero, by_larger, v_add(by_larger, pair.difference)),
    };
}

/// What one vector adds to the divergence, and g, the divergence's derivative in p up to a constant.
typedef struct v_divergence {
    vf value, derivative;
} v_divergence;

static inline v_divergence v_diverge(iqk_divergence kind, float beta, v_pair pair) {
    const vf zero = v_set(0);
    switch (kind) {
    case IQK_DIVERGENCE_REVERSE_KL:
        return (v_divergence){v_where_likely(pair.p, v_mul(pair.p, pair.difference)), pair.difference};
    case IQK_DIVERGENCE_FORWARD_KL:
        // Its gradient is p - q: see below.
        return (v_divergence){v_where_likely(pair.q, v_mul(pair.q, v_sub(zero, pair.difference))), zero};
    case IQK_DIVERGENCE_JENSEN_SHANNON:
    case IQK_DIVERGENCE_SKEWED_REVERSE_KL:
    case IQK_DIVERGENCE_SKEWED_FORWARD_KL: break;
    }
    const v_mixture mixture = v_mix(pair, beta);
    const vf by_student = v_sub(zero, mixture.by_student), by_teacher = v_sub(zero, mixture.by_teacher);
    const vf student = v_where_likely(pair.p, v_mul(pair.p, by_student));
    const vf teacher = v_where_likely(pair.q, v_mul(pair.q, by_teacher));
    const vf rest = v_set(1 - beta);
    switch (kind) {
    case IQK_DIVERGENCE_SKEWED_REVERSE_KL:
        return (v_divergence){student, v_sub(by_student, v_mul(rest, v_exp(by_student)))};
    case IQK_DIVERGENCE_SKEWED_FORWARD_KL:
        return (v_divergence){teacher, v_sub(zero, v_mul(rest, v_exp(by_teacher)))};
    default: return (v_divergence){v_fma(v_set(beta), teacher, v_mul(rest, student)), v_mul(rest, by_student)};
    }
}

static float iqk_vector_divergence(iqk_divergence kind, float beta, float inverse_temperature, float *logits,
                                   float log_sum_exp, const float *teacher_logits, float teacher_log_sum_exp,
                                   const float *dvalue, int64_t V) {
    const v_pair_row row = {v_set(inverse_temperature), v_set(log_sum_exp), v_set(teacher_log_sum_exp),
                            v_set(log_sum_exp - teacher_log_sum_exp)};
    vd values = vd_zero(), mean = vd_zero();
    for (int64_t j = 0; j < V; j += V_WIDTH) {
        const v_pair pair = v_load_pair(&row, logits + j, teacher_logits + j, V - j);
        const v_divergence part = v_diverge(kind, beta, pair);
        values = vd_add(values, part.value);
        mean = vd_add(mean, v_where_likely(pair.p, v_mul(pair.p, part.derivative)));
    }
    const float value = (float)vd_sum(values);
    if (dvalue == NULL) return value;
    const vf factor = v_set(*dvalue * inverse_temperature), center = v_set((float)vd_sum(mean));
    for (int64_t j = 0; j < V; j += V_WIDTH) {
        const v_pair pair = v_load_pair(&row, logits + j, teacher_logits + j, V - j);
        vf d;
        if (kind == IQK_DIVERGENCE_FORWARD_KL) {
            d = v_sub(pair.p, pair.q);
        } else {
            const vf derivative = v_diverge(kind, beta, pair).derivative;
            d = v_where_likely(pair.p, v_mul(pair.p, v_sub(derivative, center)));
        }
        v_store_logits(logits + j, v_mul(factor, d), V - j);
    }
    return value;
}

#endif
