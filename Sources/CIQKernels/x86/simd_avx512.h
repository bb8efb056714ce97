// The vector vocabulary of `vector/*.h` in AVX-512 (F, BW, VL, DQ): sixteen floats.
#ifndef IQK_SIMD_AVX512_H
#define IQK_SIMD_AVX512_H

#include <immintrin.h>
#include <stdint.h>

/// V_PRODUCT_VECTORS: columns of a product's tile of six rows, in vectors, which 32 registers hold.
enum { V_WIDTH = 16, V_TILE = 8, V_PRODUCT_VECTORS = 4, V_ROOT_HALF_BITS = 0x3f3504f3 };
typedef __m512 vf;

static inline vf v_set(float x) { return _mm512_set1_ps(x); }
static inline vf v_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void v_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
static inline __mmask16 v_first(int64_t n) { return (__mmask16)((1u << n) - 1); }
/// The first n < V_WIDTH elements; the rest is 0.
static inline vf v_load_part(const float *p, int64_t n) { return _mm512_maskz_loadu_ps(v_first(n), p); }
static inline void v_store_part(float *p, vf x, int64_t n) { _mm512_mask_storeu_ps(p, v_first(n), x); }

static inline vf v_load_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
static inline vf v_load_half_part(const uint16_t *p, int64_t n) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(v_first(n), p));
}
static inline void v_store_half(uint16_t *p, vf x) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
static inline void v_store_half_part(uint16_t *p, vf x, int64_t n) {
    _mm256_mask_storeu_epi16(p, v_first(n), _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

static inline vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
/// a * b + c
static inline vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
/// c - a * b
static inline vf v_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
/// The larger or smaller one; b where either is NaN.
static inline vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vf v_min(vf a, vf b) { return _mm512_min_ps(a, b); }
static inline vf v_round(vf a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
static inline vf v_root(vf a) { return _mm512_sqrt_ps(a); }
static inline vf v_absolute(vf a) { return _mm512_abs_ps(a); }
/// The magnitude of a with the sign of b.
static inline vf v_copy_sign(vf a, vf b) {
    return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_set1_epi32(INT32_MIN), _mm512_castps_si512(b),
                                                         _mm512_castps_si512(a), 0xca));
}
/// a * 2^n for an integral n, rounded once.
static inline vf v_scale_by_power(vf a, vf n) { return _mm512_scalef_ps(a, n); }
/// m with a = m * 2^n and sqrt(1/2) <= m < sqrt(2), for a positive normal a.
static inline vf v_split_power(vf a, vf *n) {
    const __m512i bits = _mm512_castps_si512(a);
    const __m512i power = _mm512_srai_epi32(_mm512_sub_epi32(bits, _mm512_set1_epi32(V_ROOT_HALF_BITS)), 23);
    *n = _mm512_cvtepi32_ps(power);
    return _mm512_castsi512_ps(_mm512_sub_epi32(bits, _mm512_slli_epi32(power, 23)));
}
/// x where a < b, else y.
static inline vf v_select_less(vf a, vf b, vf x, vf y) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}
/// Bit i is set where a[i] >= b[i].
static inline uint32_t v_bits_at_least(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
static inline uint32_t v_bits_less(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }

static inline float v_sum(vf a) { return _mm512_reduce_add_ps(a); }
static inline float v_largest(vf a) { return _mm512_reduce_max_ps(a); }

static inline __m128 v_fold_to_four(vf a) {
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}
/// The sums of four vectors, to p[0 ..< 4].
static inline void v_store_sums(float *p, vf a, vf b, vf c, vf d) {
    __m128 a4 = v_fold_to_four(a), b4 = v_fold_to_four(b), c4 = v_fold_to_four(c), d4 = v_fold_to_four(d);
    _MM_TRANSPOSE4_PS(a4, b4, c4, d4);
    _mm_storeu_ps(p, _mm_add_ps(_mm_add_ps(a4, b4), _mm_add_ps(c4, d4)));
}

/// Exchanges rows and columns of V_WIDTH by V_WIDTH numbers.
static inline __attribute__((always_inline)) void v_transpose(vf x[V_WIDTH]) {
    __m512d y[V_WIDTH];
#pragma clang loop unroll(full)
    for (int i = 0; i < V_WIDTH; i += 4) {
        const __m512d ab_low = _mm512_castps_pd(_mm512_unpacklo_ps(x[i], x[i + 1]));
        const __m512d ab_high = _mm512_castps_pd(_mm512_unpackhi_ps(x[i], x[i + 1]));
        const __m512d cd_low = _mm512_castps_pd(_mm512_unpacklo_ps(x[i + 2], x[i + 3]));
        const __m512d cd_high = _mm512_castps_pd(_mm512_unpackhi_ps(x[i + 2], x[i + 3]));
        y[i] = _mm512_unpacklo_pd(ab_low, cd_low);
        y[i + 1] = _mm512_unpackhi_pd(ab_low, cd_low);
        y[i + 2] = _mm512_unpacklo_pd(ab_high, cd_high);
        y[i + 3] = _mm512_unpackhi_pd(ab_high, cd_high);
    }
    // y[4 * i + j] holds column 4 * q + j of rows 4 * i ..< 4 * i + 4 in quarter q.
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; ++j) {
        const vf a = _mm512_castpd_ps(y[j]), b = _mm512_castpd_ps(y[4 + j]);
        const vf c = _mm512_castpd_ps(y[8 + j]), d = _mm512_castpd_ps(y[12 + j]);
        const vf low01 = _mm512_shuffle_f32x4(a, b, 0x44), high01 = _mm512_shuffle_f32x4(a, b, 0xee);
        const vf low23 = _mm512_shuffle_f32x4(c, d, 0x44), high23 = _mm512_shuffle_f32x4(c, d, 0xee);
        x[j] = _mm512_shuffle_f32x4(low01, low23, 0x88);
        x[4 + j] = _mm512_shuffle_f32x4(low01, low23, 0xdd);
        x[8 + j] = _mm512_shuffle_f32x4(high01, high23, 0x88);
        x[12 + j] = _mm512_shuffle_f32x4(high01, high23, 0xdd);
    }
}

/// A sum of vectors in double precision.
typedef struct vd {
    __m512d low, high;
} vd;
static inline vd vd_zero(void) { return (vd){_mm512_setzero_pd(), _mm512_setzero_pd()}; }
static inline vd vd_add(vd sum, vf a) {
    return (vd){_mm512_add_pd(sum.low, _mm512_cvtps_pd(_mm512_castps512_ps256(a))),
                _mm512_add_pd(sum.high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1)))};
}
/// sum + a * b, both products and sums in double precision.
static inline vd vd_add_product(vd sum, vf a, vf b) {
    return (vd){_mm512_fmadd_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(a)), _mm512_cvtps_pd(_mm512_castps512_ps256(b)),
                                sum.low),
                _mm512_fmadd_pd(_mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1)),
                                _mm512_cvtps_pd(_mm512_extractf32x8_ps(b, 1)), sum.high)};
}
static inline double vd_sum(vd sum) { return _mm512_reduce_add_pd(_mm512_add_pd(sum.low, sum.high)); }

#endif
