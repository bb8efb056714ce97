// Elementary functions of vectors, to about 2 units in the last place. Included once per level, after its `simd_*.h`.
#ifndef IQK_VECTOR_FUNCTIONS_H
#define IQK_VECTOR_FUNCTIONS_H

#include "../constants.h"

/// x = n ln 2 + r with |r| <= ln 2 / 2; returns exp(r) - 1 by its Taylor series, which is exact to 5e-9 there.
static inline vf v_reduced_exp_minus_one(vf x, vf *n) {
    // ln 2 in two parts: n times the first is exact.
    const vf ln2_high = v_set(0.693359375f), ln2_low = v_set(-2.12194440e-4f);
    *n = v_round(v_mul(x, v_set(1.44269504f)));
    const vf r = v_fnma(*n, ln2_low, v_fnma(*n, ln2_high, x));
    vf series = v_fma(r, v_set(1.0f / 5040), v_set(1.0f / 720));
    series = v_fma(series, r, v_set(1.0f / 120));
    series = v_fma(series, r, v_set(1.0f / 24));
    series = v_fma(series, r, v_set(1.0f / 6));
    series = v_fma(series, r, v_set(0.5f));
    return v_fma(v_mul(series, r), r, r);
}

/// exp(x): 0 for -infinity, infinity beyond the range, NaN for NaN; subnormal results are right.
static inline vf v_exp(vf x) {
    // Beyond these bounds the result is 0 or infinity; the bound comes first so that NaN passes.
    x = v_min(v_set(89.0f), v_max(v_set(-104.0f), x));
    vf n;
    const vf e = v_reduced_exp_minus_one(x, &n);
    return v_scale_by_power(v_add(v_set(1), e), n);
}

/// exp(x) - 1 for x <= 0, exact also where x is near 0.
static inline vf v_exp_minus_one_below_zero(vf x) {
    vf n;
    const vf e = v_reduced_exp_minus_one(v_max(v_set(-104.0f), x), &n);
    const vf power = v_scale_by_power(v_set(1), n);
    return v_fma(power, e, v_sub(power, v_set(1)));
}

/// log(x) of a positive normal number.
static inline vf v_log(vf x) {
    // log m = 2 artanh(s) with s = (m - 1) / (m + 1), |s| <= 0.172: the next term of the series is 2e-9 of the first.
    vf n;
    const vf m = v_split_power(x, &n);
    const vf s = v_div(v_sub(m, v_set(1)), v_add(m, v_set(1))), square = v_mul(s, s);
    vf series = v_fma(square, v_set(2.0f / 9), v_set(2.0f / 7));
    series = v_fma(series, square, v_set(2.0f / 5));
    series = v_fma(series, square, v_set(2.0f / 3));
    series = v_mul(v_mul(series, square), s);
    // ln 2 in two parts: n times the first is exact.
    const vf low = v_fma(n, v_set(-2.12194440e-4f), series);
    return v_fma(n, v_set(0.693359375f), v_add(v_add(s, s), low));
}

/// log(1 + x) for x > -1, exact also where x is near 0.
static inline vf v_log_one_plus(vf x) {
    // What 1 + x loses in rounding comes back to first order.
    const vf sum = v_add(v_set(1), x);
    return v_add(v_log(sum), v_div(v_sub(x, v_sub(sum, v_set(1))), sum));
}

static inline vf v_tanh(vf x) {
    // (exp(2a) - 1) / (exp(2a) + 1), from exp - 1 so that small arguments keep their precision. tanh(10) rounds to 1.
    const vf magnitude = v_min(v_set(10), v_absolute(x));
    vf n;
    const vf e = v_reduced_exp_minus_one(v_add(magnitude, magnitude), &n);
    const vf power = v_scale_by_power(v_set(1), n);
    const vf numerator = v_fma(power, e, v_sub(power, v_set(1)));
    return v_copy_sign(v_div(numerator, v_add(numerator, v_set(2))), x);
}

/// x / (1 + exp(-t)): x times the logistic function of t.
static inline vf v_gated(vf x, vf t) {
    return v_div(x, v_add(v_set(1), v_exp(v_sub(v_set(0), t))));
}

static inline vf v_erf(vf x) {
    const vf magnitude = v_min(v_set(4), v_absolute(x));
    // Up to 1: an odd polynomial. Least maximum error fits, with errors of 1.2e-9 and 2.1e-11.
    const vf square = v_mul(magnitude, magnitude);
    vf small = v_fma(square, v_set(7.853847117e-05f), v_set(-8.010189312e-04f));
    small = v_fma(small, square, v_set(5.188327195e-03f));
    small = v_fma(small, square, v_set(-2.685381168e-02f));
    small = v_fma(small, square, v_set(1.128358514e-01f));
    small = v_fma(small, square, v_set(-3.761262582e-01f));
    small = v_fma(small, square, v_set(1.283791671e-01f));
    small = v_fma(small, magnitude, magnitude);
    // From 1 to 4: 1 - exp(polynomial), the polynomial being log(erfc). Beyond 4 the result rounds to 1.
    vf large = v_fma(magnitude, v_set(-2.168708557e-05f), v_set(4.413392657e-04f));
    large = v_fma(large, magnitude, v_set(-4.204576733e-03f));
    large = v_fma(large, magnitude, v_set(2.520829832e-02f));
    large = v_fma(large, magnitude, v_set(-1.084186457e-01f));
    large = v_fma(large, magnitude, v_set(-6.332198269e-01f));
    large = v_fma(large, magnitude, v_set(-1.129578459f));
    large = v_fma(large, magnitude, v_set(1.880479583e-04f));
    large = v_sub(v_set(1), v_exp(large));
    return v_copy_sign(v_select_less(v_set(1), magnitude, large, small), x);
}

#endif
