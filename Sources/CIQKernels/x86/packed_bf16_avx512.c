// Products of rounded activations with packed bf16 weights, AVX-512 with bfloat16 instructions: two products a lane.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma"))),            \
                             apply_to = function)

#include "packed_words.h"

static inline __m512 multiply_add(__m512 acc, __m512i word, __m512i weights) {
    return _mm512_dpbf16_ps(acc, (__m512bh)word, (__m512bh)weights);
}

void iqk_packed_bf16_avx512(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                            int64_t last_row) {
    multiply_words(job, first_run, last_run, first_row, last_row);
}

void iqk_round_bf16_avx512(const float *x, uint16_t *y, int64_t K) {
    int64_t k = 0;
    for (; k + LANES <= K; k += LANES)
        _mm256_storeu_si256((__m256i *)(void *)(y + k), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + k)));
    const __mmask16 left = (__mmask16)((1u << (K - k)) - 1);
    _mm256_mask_storeu_epi16(y + k, left, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(left, x + k)));
}

#pragma clang attribute pop

#endif
