// The loops of peak.h, AVX-512 with its bfloat16 and VNNI instructions.
#if defined(__x86_64__)

#include <immintrin.h>

#include "../peak.h"

#pragma clang attribute push(                                                                                              \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma,f16c"))), apply_to = function)

/// Registers that take turns: the latency of a multiply-add times how many begin in a cycle, at least.
enum { CHAINS = 24 };

static void add_lanes(const __m512 chains[CHAINS], double *sum) {
    float lanes[16];
    for (int chain = 0; chain < CHAINS; ++chain) {
        _mm512_storeu_ps(lanes, chains[chain]);
        for (int lane = 0; lane < 16; ++lane) *sum += lanes[lane];
    }
}

static int64_t run_f32(int64_t rounds, double *sum) {
    __m512 chains[CHAINS];
    const __m512 half = _mm512_set1_ps(0.5f), one = _mm512_set1_ps(1);
    for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm512_setzero_ps();
    for (int64_t round = 0; round < rounds; ++round) {
#pragma clang loop unroll(full)
        for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm512_fmadd_ps(chains[chain], half, one);
    }
    add_lanes(chains, sum);
    return rounds * CHAINS * 16 * 2;
}

static int64_t run_bf16(int64_t rounds, double *sum) {
    __m512 chains[CHAINS];
    const __m512bh ones = _mm512_cvtne2ps_pbh(_mm512_set1_ps(1), _mm512_set1_ps(1));
    for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm512_setzero_ps();
    for (int64_t round = 0; round < rounds; ++round) {
#pragma clang loop unroll(full)
        for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm512_dpbf16_ps(chains[chain], ones, ones);
    }
    add_lanes(chains, sum);
    return rounds * CHAINS * 16 * 4;
}

static int64_t run_int8(int64_t rounds, double *sum) {
    __m512i chains[CHAINS];
    const __m512i ones = _mm512_set1_epi8(1);
    for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm512_setzero_si512();
    for (int64_t round = 0; round < rounds; ++round) {
#pragma clang loop unroll(full)
        for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = _mm512_dpbusd_epi32(chains[chain], ones, ones);
    }
    uint32_t lanes[16];
    for (int chain = 0; chain < CHAINS; ++chain) {
        _mm512_storeu_si512(lanes, chains[chain]);
        for (int lane = 0; lane < 16; ++lane) *sum += lanes[lane];
    }
    return rounds * CHAINS * 16 * 8;
}

#pragma clang attribute pop

const iqk_peak_kernels iqk_peak_kernels_avx512 = {
    .loops = {[IQK_OPERATION_F32] = run_f32, [IQK_OPERATION_BF16] = run_bf16, [IQK_OPERATION_INT8] = run_int8},
};

#endif
