// Reading of stored weights in AVX2 registers, 32 at a time: as small integers with their scale and offset, and as f32.
// Included inside a target attribute.
#ifndef IQK_FORMATS_AVX2_H
#define IQK_FORMATS_AVX2_H

#include <immintrin.h>

#include "../formats.h"
#include "inline.h"

/// The scales of a K block in f32: of eight runs of 32 (with minus their minimum), or of sixteen runs of 16.
typedef struct unit_scales {
    float scale[16];
    float offset[8];
} unit_scales;

typedef struct weights32 {
    __m256 part[4];
} weights32;

IQK_INLINE __m128i load16(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }
IQK_INLINE __m256i load32(const uint8_t *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }

IQK_INLINE float load_f16(const uint8_t *bytes) {
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(iqk_load_u16(bytes))));
}

IQK_INLINE __m256 eight_integers(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)); }

IQK_INLINE void read_scales(iqk_format format, const uint8_t *unit, unit_scales *s) {
    if (format == IQK_Q4_K || format == IQK_Q5_K) {
        const iqk_block_q4_k *block = (const iqk_block_q4_k *)unit;
        uint64_t scale, minimum;
        iqk_unpack_k_scales(block->scales, &scale, &minimum);
        const __m256 d = _mm256_set1_ps(load_f16(block->scale)), m = _mm256_set1_ps(-load_f16(block->minimum));
        _mm256_storeu_ps(s->scale, _mm256_mul_ps(d, eight_integers(_mm_cvtsi64_si128((long long)scale))));
        _mm256_storeu_ps(s->offset, _mm256_mul_ps(m, eight_integers(_mm_cvtsi64_si128((long long)minimum))));
    } else if (format == IQK_Q6_K) {
        const iqk_block_q6_k *block = (const iqk_block_q6_k *)unit;
        const __m256 d = _mm256_set1_ps(load_f16(block->scale));
        const __m128i scales = load16((const uint8_t *)block->scales);
        _mm256_storeu_ps(s->scale, _mm256_mul_ps(d, eight_integers(scales)));
        _mm256_storeu_ps(s->scale + 8, _mm256_mul_ps(d, eight_integers(_mm_srli_si128(scales, 8))));
    }
}

/// Scale of the first and second 16 weights of a run, and what is added to each weight.
IQK_INLINE void run_scales(iqk_format format, const uint8_t *unit, int run, const unit_scales *s, __m256 *low,
                           __m256 *high, __m256 *offset) {
    switch (format) {
    case IQK_Q4_1:
    case IQK_Q5_1:
        *offset = _mm256_set1_ps(load_f16(((const iqk_block_q4_1 *)unit)->minimum));
        *low = *high = _mm256_set1_ps(load_f16(unit));
        break;
    case IQK_Q4_K:
    case IQK_Q5_K:
        *offset = _mm256_set1_ps(s->offset[run]);
        *low = *high = _mm256_set1_ps(s->scale[run]);
        break;
    case IQK_Q6_K:
        *offset = _mm256_setzero_ps();
        *low = _mm256_set1_ps(s->scale[run * 2]);
        *high = _mm256_set1_ps(s->scale[run * 2 + 1]);
        break;
    default:
        // q8_0, q4_0 and q5_0 begin with their scale.
        *offset = _mm256_setzero_ps();
        *low = *high = _mm256_set1_ps(load_f16(unit));
    }
}

IQK_INLINE __m256i both_halves(__m128i q) {
    return _mm256_and_si256(_mm256_set_m128i(_mm_srli_epi16(q, 4), q), _mm256_set1_epi8(15));
}

/// 0x10 in each byte whose bit is set.
IQK_INLINE __m256i fifth_bits(uint32_t bits) {
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3,
                                            3, 3, 3, 3, 3, 3);
    const __m256i select = _mm256_set1_epi64x((long long)0x8040201008040201);
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);
    const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, select), select);
    return _mm256_and_si256(set, _mm256_set1_epi8(0x10));
}

/// Moves bit `from` of every byte to bit `to`; the other bits are left to be masked away.
IQK_INLINE __m256i moved_bits(__m256i bytes, int from, int to) {
    return from < to   ? _mm256_slli_epi16(bytes, to - from)
           : from > to ? _mm256_srli_epi16(bytes, from - to)
                       : bytes;
}

/// The numbers of a run as they are stored: signed in q8_0, else unsigned and below 64.
IQK_INLINE __m256i stored_integers(iqk_format format, const uint8_t *unit, int run) {
    switch (format) {
    case IQK_Q8_0: return load32((const uint8_t *)((const iqk_block_q8_0 *)unit)->q);
    case IQK_Q4_0: return both_halves(load16(((const iqk_block_q4_0 *)unit)->q));
    case IQK_Q4_1: return both_halves(load16(((const iqk_block_q4_1 *)unit)->q));
    case IQK_Q5_0: {
        const iqk_block_q5_0 *block = (const iqk_block_q5_0 *)unit;
        return _mm256_or_si256(both_halves(load16(block->q)), fifth_bits(iqk_load_u32(block->high)));
    }
    case IQK_Q5_1: {
        const iqk_block_q5_1 *block = (const iqk_block_q5_1 *)unit;
        return _mm256_or_si256(both_halves(load16(block->q)), fifth_bits(iqk_load_u32(block->high)));
    }
    case IQK_Q4_K: {
        const __m256i q = load32(((const iqk_block_q4_k *)unit)->q + run / 2 * 32);
        return _mm256_and_si256(moved_bits(q, run % 2 * 4, 0), _mm256_set1_epi8(15));
    }
    case IQK_Q5_K: {
        const iqk_block_q5_k *block = (const iqk_block_q5_k *)unit;
        const __m256i q = moved_bits(load32(block->q + run / 2 * 32), run % 2 * 4, 0);
        const __m256i high = moved_bits(load32(block->high), run, 4);
        return _mm256_or_si256(_mm256_and_si256(q, _mm256_set1_epi8(15)),
                               _mm256_and_si256(high, _mm256_set1_epi8(0x10)));
    }
    case IQK_Q6_K: {
        const iqk_block_q6_k *block = (const iqk_block_q6_k *)unit;
        const __m256i low = moved_bits(load32(block->low + run / 4 * 64 + run % 2 * 32), run % 4 / 2 * 4, 0);
        const __m256i high = moved_bits(load32(block->high + run / 4 * 32), run % 4 * 2, 4);
        return _mm256_or_si256(_mm256_and_si256(low, _mm256_set1_epi8(15)),
                               _mm256_and_si256(high, _mm256_set1_epi8(0x30)));
    }
    default: return _mm256_setzero_si256();
    }
}

/// The 32 weights of run `run` (0 but for K formats) of a unit, in f32.
IQK_INLINE weights32 expand(iqk_format format, const uint8_t *unit, int run, const unit_scales *s) {
    weights32 w;
    switch (format) {
    case IQK_F32:
        for (int i = 0; i < 4; ++i) w.part[i] = _mm256_loadu_ps((const float *)(const void *)(unit + 32 * i));
        return w;
    case IQK_F16:
        for (int i = 0; i < 4; ++i) w.part[i] = _mm256_cvtph_ps(load16(unit + 16 * i));
        return w;
    case IQK_BF16:
        for (int i = 0; i < 4; ++i)
            w.part[i] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load16(unit + 16 * i)), 16));
        return w;
    default: break;
    }
    __m256 low_scale, high_scale, offset;
    run_scales(format, unit, run, s, &low_scale, &high_scale, &offset);
    const int centre = iqk_format_centre(format);
    __m256i q = stored_integers(format, unit, run);
    if (centre != 0) q = _mm256_sub_epi8(q, _mm256_set1_epi8((char)centre));
    const __m128i low = _mm256_castsi256_si128(q), high = _mm256_extracti128_si256(q, 1);
    const __m128i bytes[4] = {low, _mm_srli_si128(low, 8), high, _mm_srli_si128(high, 8)};
    const bool has_offset = iqk_format_has_offset(format);
    for (int i = 0; i < 4; ++i) {
        const __m256 scale = i < 2 ? low_scale : high_scale;
        // A scale times a small integer is exact in f32: the fused form rounds once, as the portable version does.
        w.part[i] = has_offset ? _mm256_fmadd_ps(eight_integers(bytes[i]), scale, offset)
                               : _mm256_mul_ps(eight_integers(bytes[i]), scale);
    }
    return w;
}

#endif
