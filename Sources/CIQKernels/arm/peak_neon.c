// The loops of peak.h, NEON: f32 alone, as no product of the level uses more.
#if defined(__aarch64__)

#include <arm_neon.h>

#include "../peak.h"

/// Registers that take turns: the latency of a multiply-add times how many begin in a cycle, at least.
enum { CHAINS = 16 };

static int64_t run_f32(int64_t rounds, double *sum) {
    float32x4_t chains[CHAINS];
    const float32x4_t half = vdupq_n_f32(0.5f), one = vdupq_n_f32(1);
    for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = vdupq_n_f32(0);
    for (int64_t round = 0; round < rounds; ++round) {
#pragma clang loop unroll(full)
        for (int chain = 0; chain < CHAINS; ++chain) chains[chain] = vfmaq_f32(one, chains[chain], half);
    }
    for (int chain = 0; chain < CHAINS; ++chain) *sum += vaddvq_f32(chains[chain]);
    return rounds * CHAINS * 4 * 2;
}

const iqk_peak_kernels iqk_peak_kernels_neon = {.loops = {[IQK_OPERATION_F32] = run_f32}};

#endif
