// Expansion of stored weights to f32 in AVX-512 registers, 32 weights at a time. Included inside a target attribute.
//
// Four- and five-bit numbers are looked up in a table of the values that their block can take (one permutation for 16
// weights); the others are converted and scaled. Products of a scale and a small integer are exact in f32, so the fused
// multiply-add of a minimum rounds once, as the portable version does.
#ifndef IQK_FORMATS_AVX512_H
#define IQK_FORMATS_AVX512_H

#include <immintrin.h>

#include "../formats.h"
#include "inline.h"

/// The scales of a K block in f32: of eight runs of 32 (with minus their minimum), or of sixteen runs of 16.
typedef struct unit_scales {
    float scale[16];
    float offset[8];
} unit_scales;

typedef struct weights32 {
    __m512 low, high;
} weights32;

IQK_INLINE __m512 broadcast_f16(const uint8_t *bytes) {
    return _mm512_cvtph_ps(_mm256_set1_epi16((short)iqk_load_u16(bytes)));
}

IQK_INLINE __m128i load16(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }
IQK_INLINE __m256i load32(const uint8_t *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }

IQK_INLINE void read_scales(iqk_format format, const uint8_t *unit, unit_scales *s) {
    if (format == IQK_Q4_K || format == IQK_Q5_K) {
        const iqk_block_q4_k *block = (const iqk_block_q4_k *)unit;
        uint64_t scale, minimum;
        iqk_unpack_k_scales(block->scales, &scale, &minimum);
        const __m256 d = _mm256_cvtph_ps(_mm_set1_epi16((short)iqk_load_u16(block->scale)));
        const __m256 m = _mm256_cvtph_ps(_mm_set1_epi16((short)(iqk_load_u16(block->minimum) ^ 0x8000)));
        const __m256 scales = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)scale)));
        const __m256 minima = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)minimum)));
        _mm256_storeu_ps(s->scale, _mm256_mul_ps(d, scales));
        _mm256_storeu_ps(s->offset, _mm256_mul_ps(m, minima));
    } else if (format == IQK_Q6_K) {
        const iqk_block_q6_k *block = (const iqk_block_q6_k *)unit;
        const __m512 scales = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(load16((const uint8_t *)block->scales)));
        _mm512_storeu_ps(s->scale, _mm512_mul_ps(broadcast_f16(block->scale), scales));
    }
}

IQK_INLINE __m512 counting(void) {
    return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// Values of 16 four-bit numbers; the upper bits of each index do not count.
IQK_INLINE weights32 look_up_4(__m128i q, __m512 table) {
    const __m512i index = _mm512_cvtepu8_epi32(q);
    return (weights32){_mm512_permutexvar_ps(index, table), _mm512_permutexvar_ps(_mm512_srli_epi32(index, 4), table)};
}

IQK_INLINE weights32 look_up_5(__m128i q, uint32_t high, __m512 lower, __m512 upper) {
    const __m512i low_index = _mm512_cvtepu8_epi32(q), high_index = _mm512_srli_epi32(low_index, 4);
    const __m512 a = _mm512_permutexvar_ps(low_index, lower), b = _mm512_permutexvar_ps(high_index, lower);
    return (weights32){_mm512_mask_permutexvar_ps(a, (__mmask16)high, low_index, upper),
                       _mm512_mask_permutexvar_ps(b, (__mmask16)(high >> 16), high_index, upper)};
}

/// Numbers of a byte each, times a scale for each half.
IQK_INLINE weights32 scale_bytes(__m256i q, __m512 low_scale, __m512 high_scale) {
    const __m512 low = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_castsi256_si128(q)));
    const __m512 high = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_extracti128_si256(q, 1)));
    return (weights32){_mm512_mul_ps(low, low_scale), _mm512_mul_ps(high, high_scale)};
}

/// The 32 weights of run `run` (0 but for K formats) of a unit.
IQK_INLINE weights32 expand(iqk_format format, const uint8_t *unit, int run, const unit_scales *s) {
    switch (format) {
    case IQK_F32: return (weights32){_mm512_loadu_ps(unit), _mm512_loadu_ps(unit + 64)};
    case IQK_F16: return (weights32){_mm512_cvtph_ps(load32(unit)), _mm512_cvtph_ps(load32(unit + 32))};
    case IQK_BF16:
        return (weights32){
            _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load32(unit)), 16)),
            _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load32(unit + 32)), 16)),
        };
    case IQK_Q8_0: {
        const iqk_block_q8_0 *block = (const iqk_block_q8_0 *)unit;
        const __m512 d = broadcast_f16(block->scale);
        const uint8_t *q = (const uint8_t *)block->q;
        return (weights32){_mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(load16(q))), d),
                           _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(load16(q + 16))), d)};
    }
    case IQK_Q4_0: {
        const iqk_block_q4_0 *block = (const iqk_block_q4_0 *)unit;
        const __m512 centred = _mm512_sub_ps(counting(), _mm512_set1_ps(8));
        return look_up_4(load16(block->q), _mm512_mul_ps(broadcast_f16(block->scale), centred));
    }
    case IQK_Q4_1: {
        const iqk_block_q4_1 *block = (const iqk_block_q4_1 *)unit;
        const __m512 d = broadcast_f16(block->scale), m = broadcast_f16(block->minimum);
        return look_up_4(load16(block->q), _mm512_fmadd_ps(d, counting(), m));
    }
    case IQK_Q5_0: {
        const iqk_block_q5_0 *block = (const iqk_block_q5_0 *)unit;
        const __m512 d = broadcast_f16(block->scale);
        const __m512 lower = _mm512_mul_ps(d, _mm512_sub_ps(counting(), _mm512_set1_ps(16)));
        return look_up_5(load16(block->q), iqk_load_u32(block->high), lower, _mm512_mul_ps(d, counting()));
    }
    case IQK_Q5_1: {
        const iqk_block_q5_1 *block = (const iqk_block_q5_1 *)unit;
        const __m512 d = broadcast_f16(block->scale), m = broadcast_f16(block->minimum);
        const __m512 upper = _mm512_fmadd_ps(d, _mm512_add_ps(counting(), _mm512_set1_ps(16)), m);
        return look_up_5(load16(block->q), iqk_load_u32(block->high), _mm512_fmadd_ps(d, counting(), m), upper);
    }
    case IQK_Q4_K: {
        const iqk_block_q4_k *block = (const iqk_block_q4_k *)unit;
        const __m512 table =
            _mm512_fmadd_ps(_mm512_set1_ps(s->scale[run]), counting(), _mm512_set1_ps(s->offset[run]));
        const uint8_t *q = block->q + run / 2 * 32;
        __m512i low = _mm512_cvtepu8_epi32(load16(q)), high = _mm512_cvtepu8_epi32(load16(q + 16));
        if (run % 2) low = _mm512_srli_epi32(low, 4), high = _mm512_srli_epi32(high, 4);
        return (weights32){_mm512_permutexvar_ps(low, table), _mm512_permutexvar_ps(high, table)};
    }
    case IQK_Q5_K: {
        const iqk_block_q5_k *block = (const iqk_block_q5_k *)unit;
        const __m512 d = _mm512_set1_ps(s->scale[run]), m = _mm512_set1_ps(s->offset[run]);
        const __m512 lower = _mm512_fmadd_ps(d, counting(), m);
        const __m512 upper = _mm512_fmadd_ps(d, _mm512_add_ps(counting(), _mm512_set1_ps(16)), m);
        const __m256i fifth = _mm256_set1_epi8((char)(1 << run));
        const __mmask32 high = _mm256_test_epi8_mask(load32(block->high), fifth);
        const uint8_t *q = block->q + run / 2 * 32;
        __m512i a = _mm512_cvtepu8_epi32(load16(q)), b = _mm512_cvtepu8_epi32(load16(q + 16));
        if (run % 2) a = _mm512_srli_epi32(a, 4), b = _mm512_srli_epi32(b, 4);
        const __m512 low_values = _mm512_permutexvar_ps(a, lower), high_values = _mm512_permutexvar_ps(b, lower);
        return (weights32){_mm512_mask_permutexvar_ps(low_values, (__mmask16)high, a, upper),
                           _mm512_mask_permutexvar_ps(high_values, (__mmask16)(high >> 16), b, upper)};
    }
    case IQK_Q6_K: {
        const iqk_block_q6_k *block = (const iqk_block_q6_k *)unit;
        const __m256i low = load32(block->low + run / 4 * 64 + run % 2 * 32);
        const __m256i high = load32(block->high + run / 4 * 32);
        const __m256i low_bits = _mm256_and_si256(run % 4 / 2 ? _mm256_srli_epi16(low, 4) : low, _mm256_set1_epi8(15));
        const int shift = run % 4 * 2;
        const __m256i placed = shift < 4   ? _mm256_slli_epi16(high, 4 - shift)
                               : shift > 4 ? _mm256_srli_epi16(high, shift - 4)
                                           : high;
        const __m256i high_bits = _mm256_and_si256(placed, _mm256_set1_epi8(0x30));
        const __m256i q = _mm256_sub_epi8(_mm256_or_si256(low_bits, high_bits), _mm256_set1_epi8(32));
        return scale_bytes(q, _mm512_set1_ps(s->scale[run * 2]), _mm512_set1_ps(s->scale[run * 2 + 1]));
    }
    default: return (weights32){_mm512_setzero_ps(), _mm512_setzero_ps()};
    }
}

/// The weights of a plain format whose bits are set in the mask, and zeros; nothing else is read.
IQK_INLINE weights32 expand_part(iqk_format format, const uint8_t *source, uint32_t mask) {
    const __mmask16 low = (__mmask16)mask, high = (__mmask16)(mask >> 16);
    if (format == IQK_F32) return (weights32){_mm512_maskz_loadu_ps(low, source), _mm512_maskz_loadu_ps(high, source + 64)};
    const __m256i a = _mm256_maskz_loadu_epi16(low, source), b = _mm256_maskz_loadu_epi16(high, source + 32);
    if (format == IQK_F16) return (weights32){_mm512_cvtph_ps(a), _mm512_cvtph_ps(b)};
    return (weights32){_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(a), 16)),
                       _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(b), 16))};
}

#endif
