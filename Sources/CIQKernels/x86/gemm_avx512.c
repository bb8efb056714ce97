// The general matrix product in f32, AVX-512.
#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)

enum {
    /// Elements of K in one word.
    DEPTH_STEP = 1,
    COPIES_ALL = 0,
};

#include "gemm_tiles.h"

// Operands that come rounded are for kernels that round.

static inline __m512i words_along_depth(const operand_block *block, const char *row, int64_t depth, bool is_rounded) {
    (void)is_rounded;
    return _mm512_maskz_loadu_epi32(first_lanes(block->elements - depth), (const float *)row + depth);
}

static inline __m512i words_across(const operand_block *block, int64_t depth, int64_t index, __mmask16 lanes,
                                   bool is_rounded) {
    (void)is_rounded;
    if (depth >= block->elements) return _mm512_setzero_si512();
    return _mm512_maskz_loadu_epi32(lanes, (const float *)(block->start + depth * block->stride) + index);
}

static inline __m512 multiply_add(__m512 acc, __m512i a, __m512i b) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), acc);
}

#pragma clang attribute pop

const iqk_gemm_kernel iqk_gemm_kernel_avx512 = {
    .scratch_bytes = GEMM_SCRATCH_BYTES,
    .multiply = multiply_blocks,
    .smallest_share = 1 << 19,
};

#endif
