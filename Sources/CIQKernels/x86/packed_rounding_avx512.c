// Rounds activations for integer products with packed weights, AVX-512. Needs no VNNI.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)

#include <immintrin.h>

#include "../packed.h"

void iqk_round_panel_avx512(const float *x, int64_t ldx, int64_t rows, int64_t K, int32_t centre, void *panel) {
    const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
    for (int64_t b = 0; b < K / IQK_BLOCK; ++b) {
        char *block = (char *)panel + b * rows * IQK_PANEL_BYTES;
        for (int64_t row = 0; row < rows; ++row) {
            const float *from = x + row * ldx + b * IQK_BLOCK;
            const __m512 low = _mm512_loadu_ps(from), high = _mm512_loadu_ps(from + 16);
            const __m512i largest = _mm512_max_epi32(_mm512_and_si512(_mm512_castps_si512(low), magnitude),
                                                     _mm512_and_si512(_mm512_castps_si512(high), magnitude));
            const iqk_block_rounding rounding = iqk_rounding_of((uint32_t)_mm512_reduce_max_epi32(largest));
            // Where the inverse is 0 every integer is, of infinities and NaN too.
            const __mmask16 counts = rounding.inverse != 0 ? 0xffff : 0;
            const __m512 inverse = _mm512_set1_ps(rounding.inverse);
            const __m512i q_low = _mm512_maskz_cvtps_epi32(counts, _mm512_mul_ps(low, inverse));
            const __m512i q_high = _mm512_maskz_cvtps_epi32(counts, _mm512_mul_ps(high, inverse));
            __m128i *q = (__m128i *)(void *)(block + row * IQK_BLOCK);
            _mm_storeu_si128(q, _mm512_cvtepi32_epi8(q_low));
            _mm_storeu_si128(q + 1, _mm512_cvtepi32_epi8(q_high));
            const int32_t sum = _mm512_reduce_add_epi32(_mm512_add_epi32(q_low, q_high));
            iqk_store_panel_sums(block, rows, row, rounding.scale, sum, centre);
        }
    }
}

#pragma clang attribute pop

#endif
