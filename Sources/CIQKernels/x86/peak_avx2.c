// The loops of peak.h, AVX2. The level has no bfloat16 products.
#if defined(__x86_64__)

#include <immintrin.h>

#include "../peak.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

/// Registers that take turns: the latency of a multiply-add times how many begin in a cycle, at least.
enum { CHAINS = 12 };

static int64_t run_f32(int64_t rounds, double *sum) {
    __m256 chains[CHAINS];
    const __m256 half = _mm256_set1_ps(0.5f), one = _mm256_set1_ps(1);
    for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm256_setzero_ps();
    for (int64_t round = 0; round < rounds; ++round) {
#pragma clang loop unroll(full)
        for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm256_fmadd_ps(chains[chain], half, one);
    }
    float lanes[8];
    for (int chain = 0; chain < CHAINS; ++chain) {
        _mm256_storeu_ps(lanes, chains[chain]);
        for (int lane = 0; lane < 8; ++lane) *sum += lanes[lane];
    }
    return rounds * CHAINS * 8 * 2;
}

static int64_t run_int8(int64_t rounds, double *sum) {
    __m256i chains[CHAINS];
    const __m256i pair_ones = _mm256_set1_epi16(1);
    __m256i ones = _mm256_set1_epi8(1);
    for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm256_setzero_si256();
    for (int64_t round = 0; round < rounds; ++round) {
#pragma clang loop unroll(full)
        for (int chain = 0; chain < CHAINS; ++chain) {
            // What the products are made of shall look changed, or they would be made once.
            __asm__ volatile("" : "+x"(ones));
            const __m256i pairs = _mm256_maddubs_epi16(ones, ones);
            chains[chain] = _mm256_add_epi32(chains[chain], _mm256_madd_epi16(pairs, pair_ones));
        }
    }
    uint32_t lanes[8];
    for (int chain = 0; chain < CHAINS; ++chain) {
        _mm256_storeu_si256((__m256i *)lanes, chains[chain]);
        for (int lane = 0; lane < 8; ++lane) *sum += lanes[lane];
    }
    return rounds * CHAINS * 8 * 8;
}

#pragma clang attribute pop

const iqk_peak_kernels iqk_peak_kernels_avx2 = {
    .loops = {[IQK_OPERATION_F32] = run_f32, [IQK_OPERATION_INT8] = run_int8},
};

#endif
