// The general matrix product of operands rounded to bfloat16, AVX-512 with its bfloat16 instructions.
//
// These round to the nearest, ties to even, and keep NaN, as the portable form does. But they take numbers below 2^-126
// for 0, before and after rounding, and sums below it as well. Products are exact; the two of a pair are added one after
// the other.
#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), apply_to = function)

enum {
    /// Elements of K in one word.
    DEPTH_STEP = 2,
    COPIES_ALL = 0,
};

#include "gemm_tiles.h"

static inline __m512i words_along_depth(const operand_block *block, const char *row, int64_t depth, bool is_rounded) {
    const int64_t k = 2 * depth, left = block->elements - k;
    if (is_rounded) {
        if (left >= 2 * LANES) return _mm512_loadu_si512(row + 2 * k);
        return _mm512_maskz_loadu_epi16(left <= 0 ? 0 : (__mmask32)((1u << left) - 1), row + 2 * k);
    }
    const float *first = (const float *)row + k;
    if (left >= 2 * LANES) {
        return (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(first + LANES), _mm512_loadu_ps(first));
    }
    const __m512 low = _mm512_maskz_loadu_ps(first_lanes(left), first);
    const __m512 high = _mm512_maskz_loadu_ps(first_lanes(left - LANES), first + LANES);
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/// Words of the numbers of two rows, lane by lane: 0, 16, 1, 17, ...
static inline __m512i side_by_side(__m512 low, __m512 high) {
    const __m512i order = _mm512_or_si512(
        _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
        _mm512_slli_epi32(_mm512_set_epi32(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16), 16));
    return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

static inline __m512i words_across(const operand_block *block, int64_t depth, int64_t index, __mmask16 lanes,
                                   bool is_rounded) {
    const int64_t k = 2 * depth;
    const char *even = block->start + k * block->stride + index * size_of_element(is_rounded), *odd = even + block->stride;
    if (lanes == 0xffff && k + 1 < block->elements) {
        if (is_rounded) {
            const __m512i low = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)even));
            const __m512i high = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)odd));
            return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
        }
        return side_by_side(_mm512_loadu_ps(even), _mm512_loadu_ps(odd));
    }
    const __mmask16 even_lanes = k < block->elements ? lanes : 0, odd_lanes = k + 1 < block->elements ? lanes : 0;
    if (is_rounded) {
        const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(even_lanes, even));
        const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(odd_lanes, odd));
        return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
    }
    return side_by_side(_mm512_maskz_loadu_ps(even_lanes, even), _mm512_maskz_loadu_ps(odd_lanes, odd));
}

static inline __m512 multiply_add(__m512 acc, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(acc, (__m512bh)a, (__m512bh)b);
}

/// Reads 32 numbers before it writes them, so that both may begin at the same place.
static void round_row(const float *x, void *y, int64_t count) {
    const char *from = (const char *)x;
    char *to = y;
    int64_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        const __m512 low = _mm512_loadu_ps(from + 4 * i), high = _mm512_loadu_ps(from + 4 * i + 64);
        _mm512_storeu_si512(to + 2 * i, (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
    const int64_t left = count - i;
    if (left == 0) return;
    const __m512 low = _mm512_maskz_loadu_ps(first_lanes(left), from + 4 * i);
    const __m512 high = _mm512_maskz_loadu_ps(first_lanes(left - LANES), from + 4 * i + 64);
    const __mmask32 exist = (__mmask32)((1u << left) - 1);
    _mm512_mask_storeu_epi16(to + 2 * i, exist, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

#pragma clang attribute pop

const iqk_gemm_kernel iqk_gemm_kernel_avx512_bf16 = {
    .scratch_bytes = GEMM_SCRATCH_BYTES,
    .multiply = multiply_blocks,
    .smallest_share = 1 << 20,
    .round = round_row,
};

#endif
