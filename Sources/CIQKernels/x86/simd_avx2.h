// The vector vocabulary of `vector/*.h` in AVX2, FMA and F16C: eight floats.
#ifndef IQK_SIMD_AVX2_H
#define IQK_SIMD_AVX2_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/// V_PRODUCT_VECTORS: columns of a product's tile of six rows, in vectors, which 16 registers hold.
enum { V_WIDTH = 8, V_TILE = 4, V_PRODUCT_VECTORS = 2, V_ROOT_HALF_BITS = 0x3f3504f3 };
typedef __m256 vf;

static const int32_t v_mask_table[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

static inline vf v_set(float x) { return _mm256_set1_ps(x); }
static inline vf v_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void v_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
static inline __m256i v_first(int64_t n) { return _mm256_loadu_si256((const __m256i *)(v_mask_table + 8 - n)); }
/// The first n < V_WIDTH elements; the rest is 0.
static inline vf v_load_part(const float *p, int64_t n) { return _mm256_maskload_ps(p, v_first(n)); }
static inline void v_store_part(float *p, vf x, int64_t n) { _mm256_maskstore_ps(p, v_first(n), x); }

static inline vf v_load_half(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
static inline vf v_load_half_part(const uint16_t *p, int64_t n) {
    uint16_t padded[8] = {0};
    memcpy(padded, p, (size_t)n * sizeof *p);
    return v_load_half(padded);
}
static inline void v_store_half(uint16_t *p, vf x) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
static inline void v_store_half_part(uint16_t *p, vf x, int64_t n) {
    uint16_t padded[8];
    v_store_half(padded, x);
    memcpy(p, padded, (size_t)n * sizeof *p);
}

static inline vf v_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf v_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf v_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf v_div(vf a, vf b) { return _mm256_div_ps(a, b); }
/// a * b + c
static inline vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
/// c - a * b
static inline vf v_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
/// The larger or smaller one; b where either is NaN.
static inline vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf v_min(vf a, vf b) { return _mm256_min_ps(a, b); }
static inline vf v_round(vf a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline vf v_root(vf a) { return _mm256_sqrt_ps(a); }
static inline vf v_absolute(vf a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
/// The magnitude of a with the sign of b.
static inline vf v_copy_sign(vf a, vf b) {
    const vf sign = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(sign, a), _mm256_and_ps(sign, b));
}
static inline vf v_power(__m256i n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}
/// a * 2^n for an integral n of -252 ... 254, in two steps, so that subnormal results and overflow come out right.
static inline vf v_scale_by_power(vf a, vf n) {
    const __m256i whole = _mm256_cvtps_epi32(n);
    const __m256i half = _mm256_srai_epi32(whole, 1);
    return _mm256_mul_ps(_mm256_mul_ps(a, v_power(half)), v_power(_mm256_sub_epi32(whole, half)));
}
/// m with a = m * 2^n and sqrt(1/2) <= m < sqrt(2), for a positive normal a.
static inline vf v_split_power(vf a, vf *n) {
    const __m256i bits = _mm256_castps_si256(a);
    const __m256i power = _mm256_srai_epi32(_mm256_sub_epi32(bits, _mm256_set1_epi32(V_ROOT_HALF_BITS)), 23);
    *n = _mm256_cvtepi32_ps(power);
    return _mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_slli_epi32(power, 23)));
}
/// x where a < b, else y.
static inline vf v_select_less(vf a, vf b, vf x, vf y) {
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
/// Bit i is set where a[i] >= b[i].
static inline uint32_t v_bits_at_least(vf a, vf b) {
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ));
}
static inline uint32_t v_bits_less(vf a, vf b) {
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

static inline __m128 v_fold_to_four(vf a) {
    return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
}
static inline float v_sum(vf a) {
    __m128 four = v_fold_to_four(a);
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}
static inline float v_largest(vf a) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}
/// The sums of four vectors, to p[0 ..< 4].
static inline void v_store_sums(float *p, vf a, vf b, vf c, vf d) {
    __m128 a4 = v_fold_to_four(a), b4 = v_fold_to_four(b), c4 = v_fold_to_four(c), d4 = v_fold_to_four(d);
    _MM_TRANSPOSE4_PS(a4, b4, c4, d4);
    _mm_storeu_ps(p, _mm_add_ps(_mm_add_ps(a4, b4), _mm_add_ps(c4, d4)));
}

/// The sums of four vectors for each of up to four rows, to p[row * stride ..< row * stride + 4]; `rows` is a constant.
static inline __attribute__((always_inline)) void v_store_sums_of_rows(float *p, int64_t stride, int rows, vf x[4][4]) {
    for (int r = 0; r < rows; ++r) v_store_sums(p + r * stride, x[r][0], x[r][1], x[r][2], x[r][3]);
}

/// A sum of vectors in double precision.
typedef struct vd {
    __m256d low, high;
} vd;
static inline vd vd_zero(void) { return (vd){_mm256_setzero_pd(), _mm256_setzero_pd()}; }
static inline vd vd_add(vd sum, vf a) {
    return (vd){_mm256_add_pd(sum.low, _mm256_cvtps_pd(_mm256_castps256_ps128(a))),
                _mm256_add_pd(sum.high, _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)))};
}
/// sum + a * b, both products and sums in double precision.
static inline vd vd_add_product(vd sum, vf a, vf b) {
    return (vd){_mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_castps256_ps128(b)),
                                sum.low),
                _mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)),
                                _mm256_cvtps_pd(_mm256_extractf128_ps(b, 1)), sum.high)};
}
static inline double vd_sum(vd sum) {
    const __m256d four = _mm256_add_pd(sum.low, sum.high);
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

#endif
