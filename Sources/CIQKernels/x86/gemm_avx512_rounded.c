// The general matrix product of operands rounded to bfloat16, AVX-512 without bfloat16 instructions: numbers are rounded while they
// are copied, and multiplied in f32.
#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)

enum {
    /// Elements of K in one word.
    DEPTH_STEP = 1,
    /// No operand can be read in place.
    COPIES_ALL = 1,
};

#include "gemm_tiles.h"

/// The nearest numbers in bfloat16, ties to even; NaN stays NaN.
static inline __m512i rounded_words(__m512i bits) {
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i nearest = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
    const __mmask16 is_nan = _mm512_cmpgt_epi32_mask(_mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff)),
                                                     _mm512_set1_epi32(0x7f800000));
    const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
    return _mm512_and_si512(_mm512_mask_mov_epi32(nearest, is_nan, quiet), _mm512_set1_epi32((int32_t)0xffff0000));
}

/// Up to 16 elements that lie side by side.
static inline __m512i words_from(const char *first, __mmask16 lanes, bool is_rounded) {
    if (is_rounded) return _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes, first)), 16);
    return rounded_words(_mm512_maskz_loadu_epi32(lanes, first));
}

static inline __m512i words_along_depth(const operand_block *block, const char *row, int64_t depth, bool is_rounded) {
    return words_from(row + depth * size_of_element(is_rounded), first_lanes(block->elements - depth), is_rounded);
}

static inline __m512i words_across(const operand_block *block, int64_t depth, int64_t index, __mmask16 lanes,
                                   bool is_rounded) {
    if (depth >= block->elements) return _mm512_setzero_si512();
    return words_from(block->start + depth * block->stride + index * size_of_element(is_rounded), lanes, is_rounded);
}

static inline __m512 multiply_add(__m512 acc, __m512i a, __m512i b) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), acc);
}

/// Reads 16 numbers before it writes them, so that both may begin at the same place.
static void round_row(const float *x, void *y, int64_t count) {
    const char *from = (const char *)x;
    char *to = y;
    for (int64_t i = 0; i < count; i += LANES) {
        const __mmask16 lanes = first_lanes(count - i);
        const __m512i words = words_from(from + 4 * i, lanes, false);
        _mm256_mask_storeu_epi16(to + 2 * i, lanes, _mm512_cvtepi32_epi16(_mm512_srli_epi32(words, 16)));
    }
}

#pragma clang attribute pop

const iqk_gemm_kernel iqk_gemm_kernel_avx512_rounded = {
    .scratch_bytes = GEMM_SCRATCH_BYTES,
    .multiply = multiply_blocks,
    .smallest_share = 1 << 19,
    .round = round_row,
};

#endif
