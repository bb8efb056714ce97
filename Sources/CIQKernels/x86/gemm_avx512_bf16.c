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
};

#include "gemm_tiles.h"

static inline __m512i words_along_depth(const operand_block *block, const float *row, int64_t depth) {
    const int64_t k = 2 * depth;
    const __m512 low = _mm512_maskz_loadu_ps(first_lanes(block->elements - k), row + k);
    const __m512 high = _mm512_maskz_loadu_ps(first_lanes(block->elements - k - LANES), row + k + LANES);
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

static inline __m512i words_across(const operand_block *block, int64_t depth, int64_t index, __mmask16 lanes) {
    const int64_t k = 2 * depth;
    const float *even = block->start + k * block->stride + index;
    const __m512 low = _mm512_maskz_loadu_ps(k < block->elements ? lanes : 0, even);
    const __m512 high = _mm512_maskz_loadu_ps(k + 1 < block->elements ? lanes : 0, even + block->stride);
    // 0, 16, 1, 17, ...: lane i of both halves side by side.
    const __m512i order = _mm512_or_si512(
        _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
        _mm512_slli_epi32(_mm512_set_epi32(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16), 16));
    return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

static inline __m512 multiply_add(__m512 acc, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(acc, (__m512bh)a, (__m512bh)b);
}

#pragma clang attribute pop

const iqk_gemm_kernel iqk_gemm_kernel_avx512_bf16 = {
    .scratch_bytes = GEMM_SCRATCH_BYTES,
    .multiply = multiply_blocks,
    .smallest_share = 1 << 20,
};

#endif
