#include "distance.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace iqh {

float distance_portable(const void *a, const void *b, const void *dimension) {
    const float *x = static_cast<const float *>(a);
    const float *y = static_cast<const float *>(b);
    const size_t count = *static_cast<const size_t *>(dimension);
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * y[i];
    return 1 - sum;
}

#if defined(__x86_64__)

__attribute__((target("avx512f"))) static float distance_avx512(const void *a, const void *b, const void *dimension) {
    const float *x = static_cast<const float *>(a);
    const float *y = static_cast<const float *>(b);
    const size_t count = *static_cast<const size_t *>(dimension);
    // Four sums hide the latency of the multiply-add.
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(x + i), _mm512_loadu_ps(y + i), s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(x + i + 16), _mm512_loadu_ps(y + i + 16), s1);
        s2 = _mm512_fmadd_ps(_mm512_loadu_ps(x + i + 32), _mm512_loadu_ps(y + i + 32), s2);
        s3 = _mm512_fmadd_ps(_mm512_loadu_ps(x + i + 48), _mm512_loadu_ps(y + i + 48), s3);
    }
    for (; i < count; i += 16) {
        const __mmask16 mask = count - i >= 16 ? 0xFFFF : static_cast<__mmask16>((1u << (count - i)) - 1);
        s0 = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, x + i), _mm512_maskz_loadu_ps(mask, y + i), s0);
    }
    return 1 - _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

__attribute__((target("avx2,fma"))) static float distance_avx2(const void *a, const void *b, const void *dimension) {
    const float *x = static_cast<const float *>(a);
    const float *y = static_cast<const float *>(b);
    const size_t count = *static_cast<const size_t *>(dimension);
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(x + i + 8), _mm256_loadu_ps(y + i + 8), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(x + i + 16), _mm256_loadu_ps(y + i + 16), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(x + i + 24), _mm256_loadu_ps(y + i + 24), s3);
    }
    const __m256 sums = _mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3));
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    half = _mm_add_ss(half, _mm_shuffle_ps(half, half, 1));
    float sum = _mm_cvtss_f32(half);
    for (; i < count; i++) sum += x[i] * y[i];
    return 1 - sum;
}

#elif defined(__ARM_NEON)

static float distance_neon(const void *a, const void *b, const void *dimension) {
    const float *x = static_cast<const float *>(a);
    const float *y = static_cast<const float *>(b);
    const size_t count = *static_cast<const size_t *>(dimension);
    float32x4_t s0 = vdupq_n_f32(0), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        s0 = vfmaq_f32(s0, vld1q_f32(x + i), vld1q_f32(y + i));
        s1 = vfmaq_f32(s1, vld1q_f32(x + i + 4), vld1q_f32(y + i + 4));
        s2 = vfmaq_f32(s2, vld1q_f32(x + i + 8), vld1q_f32(y + i + 8));
        s3 = vfmaq_f32(s3, vld1q_f32(x + i + 12), vld1q_f32(y + i + 12));
    }
    float sum = vaddvq_f32(vaddq_f32(vaddq_f32(s0, s1), vaddq_f32(s2, s3)));
    for (; i < count; i++) sum += x[i] * y[i];
    return 1 - sum;
}

#endif

Distance best_distance() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return distance_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return distance_avx2;
    return distance_portable;
#elif defined(__ARM_NEON)
    return distance_neon;
#else
    return distance_portable;
#endif
}

}  // namespace iqh
