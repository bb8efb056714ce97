// The vector vocabulary of `vector/*.h` in NEON: four floats.
#ifndef IQK_SIMD_NEON_H
#define IQK_SIMD_NEON_H

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

/// V_PRODUCT_VECTORS: columns of a product's tile of six rows, in vectors, which 32 registers hold.
enum { V_WIDTH = 4, V_TILE = 8, V_PRODUCT_VECTORS = 4, V_ROOT_HALF_BITS = 0x3f3504f3 };
typedef float32x4_t vf;

static inline vf v_set(float x) { return vdupq_n_f32(x); }
static inline vf v_load(const float *p) { return vld1q_f32(p); }
static inline void v_store(float *p, vf x) { vst1q_f32(p, x); }
/// The first n < V_WIDTH elements; the rest is 0.
static inline vf v_load_part(const float *p, int64_t n) {
    float padded[4] = {0};
    memcpy(padded, p, (size_t)n * sizeof *p);
    return vld1q_f32(padded);
}
static inline void v_store_part(float *p, vf x, int64_t n) {
    float padded[4];
    vst1q_f32(padded, x);
    memcpy(p, padded, (size_t)n * sizeof *p);
}

static inline vf v_load_half(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
static inline vf v_load_half_part(const uint16_t *p, int64_t n) {
    uint16_t padded[4] = {0};
    memcpy(padded, p, (size_t)n * sizeof *p);
    return v_load_half(padded);
}
static inline void v_store_half(uint16_t *p, vf x) { vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(x))); }
static inline void v_store_half_part(uint16_t *p, vf x, int64_t n) {
    uint16_t padded[4];
    v_store_half(padded, x);
    memcpy(p, padded, (size_t)n * sizeof *p);
}

static inline vf v_add(vf a, vf b) { return vaddq_f32(a, b); }
static inline vf v_sub(vf a, vf b) { return vsubq_f32(a, b); }
static inline vf v_mul(vf a, vf b) { return vmulq_f32(a, b); }
static inline vf v_div(vf a, vf b) { return vdivq_f32(a, b); }
/// a * b + c
static inline vf v_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
/// c - a * b
static inline vf v_fnma(vf a, vf b, vf c) { return vfmsq_f32(c, a, b); }
/// The larger or smaller one; b where either is NaN (as on x86, which the callers rely on).
static inline vf v_max(vf a, vf b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline vf v_min(vf a, vf b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
static inline vf v_round(vf a) { return vrndnq_f32(a); }
static inline vf v_root(vf a) { return vsqrtq_f32(a); }
static inline vf v_absolute(vf a) { return vabsq_f32(a); }
/// The magnitude of a with the sign of b.
static inline vf v_copy_sign(vf a, vf b) { return vbslq_f32(vdupq_n_u32(0x80000000u), b, a); }
static inline vf v_power(int32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23));
}
/// a * 2^n for an integral n of -252 ... 254, in two steps, so that subnormal results and overflow come out right.
static inline vf v_scale_by_power(vf a, vf n) {
    const int32x4_t whole = vcvtnq_s32_f32(n);
    const int32x4_t half = vshrq_n_s32(whole, 1);
    return vmulq_f32(vmulq_f32(a, v_power(half)), v_power(vsubq_s32(whole, half)));
}
/// m with a = m * 2^n and sqrt(1/2) <= m < sqrt(2), for a positive normal a.
static inline vf v_split_power(vf a, vf *n) {
    const int32x4_t bits = vreinterpretq_s32_f32(a);
    const int32x4_t power = vshrq_n_s32(vsubq_s32(bits, vdupq_n_s32(V_ROOT_HALF_BITS)), 23);
    *n = vcvtq_f32_s32(power);
    return vreinterpretq_f32_s32(vsubq_s32(bits, vshlq_n_s32(power, 23)));
}
/// x where a < b, else y.
static inline vf v_select_less(vf a, vf b, vf x, vf y) { return vbslq_f32(vcltq_f32(a, b), x, y); }
static inline uint32_t v_bits(uint32x4_t mask) {
    const uint32x4_t weights = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(mask, weights));
}
/// Bit i is set where a[i] >= b[i].
static inline uint32_t v_bits_at_least(vf a, vf b) { return v_bits(vcgeq_f32(a, b)); }
static inline uint32_t v_bits_less(vf a, vf b) { return v_bits(vcltq_f32(a, b)); }

static inline float v_sum(vf a) { return vaddvq_f32(a); }
static inline float v_largest(vf a) { return vmaxvq_f32(a); }
/// The sums of four vectors, to p[0 ..< 4].
static inline void v_store_sums(float *p, vf a, vf b, vf c, vf d) {
    vst1q_f32(p, vpaddq_f32(vpaddq_f32(a, b), vpaddq_f32(c, d)));
}

/// The sums of four vectors for each of up to four rows, to p[row * stride ..< row * stride + 4]; `rows` is a constant.
static inline __attribute__((always_inline)) void v_store_sums_of_rows(float *p, int64_t stride, int rows, vf x[4][4]) {
    for (int r = 0; r < rows; ++r) v_store_sums(p + r * stride, x[r][0], x[r][1], x[r][2], x[r][3]);
}

/// A sum of vectors in double precision.
typedef struct vd {
    float64x2_t low, high;
} vd;
static inline vd vd_zero(void) { return (vd){vdupq_n_f64(0), vdupq_n_f64(0)}; }
static inline vd vd_add(vd sum, vf a) {
    return (vd){vaddq_f64(sum.low, vcvt_f64_f32(vget_low_f32(a))), vaddq_f64(sum.high, vcvt_high_f64_f32(a))};
}
/// sum + a * b, both products and sums in double precision.
static inline vd vd_add_product(vd sum, vf a, vf b) {
    return (vd){vfmaq_f64(sum.low, vcvt_f64_f32(vget_low_f32(a)), vcvt_f64_f32(vget_low_f32(b))),
                vfmaq_f64(sum.high, vcvt_high_f64_f32(a), vcvt_high_f64_f32(b))};
}
static inline double vd_sum(vd sum) { return vaddvq_f64(vaddq_f64(sum.low, sum.high)); }

#endif
