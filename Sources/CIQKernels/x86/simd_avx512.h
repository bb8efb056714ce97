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

/// The sums of four vectors, in every quarter those of its lanes.
static inline vf v_quarter_sums(const vf x[4]) {
    const vf ab = _mm512_add_ps(_mm512_unpacklo_ps(x[0], x[1]), _mm512_unpackhi_ps(x[0], x[1]));
    const vf cd = _mm512_add_ps(_mm512_unpacklo_ps(x[2], x[3]), _mm512_unpackhi_ps(x[2], x[3]));
    const __m512d low = _mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
    const __m512d high = _mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
    return _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
}
/// The sums of four vectors for each of up to four rows, to p[row * stride ..< row * stride + 4]; `rows` is a constant. A row's
/// sums are formed in the same way whatever `rows` is.
static inline __attribute__((always_inline)) void v_store_sums_of_rows(float *p, int64_t stride, int rows, vf x[4][4]) {
    vf all[4];
#pragma clang loop unroll(full)
    for (int r = 0; r < 4; ++r) all[r] = r < rows ? v_quarter_sums(x[r]) : _mm512_setzero_ps();
    const vf ab = _mm512_add_ps(_mm512_shuffle_f32x4(all[0], all[1], 0x88), _mm512_shuffle_f32x4(all[0], all[1], 0xdd));
    const vf cd = _mm512_add_ps(_mm512_shuffle_f32x4(all[2], all[3], 0x88), _mm512_shuffle_f32x4(all[2], all[3], 0xdd));
    const vf sums = _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xdd));
    _mm_storeu_ps(p, _mm512_castps512_ps128(sums));
    if (rows > 1) _mm_storeu_ps(p + stride, _mm512_extractf32x4_ps(sums, 1));
    if (rows > 2) _mm_storeu_ps(p + 2 * stride, _mm512_extractf32x4_ps(sums, 2));
    if (rows > 3) _mm_storeu_ps(p + 3 * stride, _mm512_extractf32x4_ps(sums, 3));
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
