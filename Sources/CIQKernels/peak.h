// The loops that show what a processor reaches, one set for each level.
#ifndef IQK_PEAK_H
#define IQK_PEAK_H

#include "CIQKernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Runs `rounds` rounds on the calling thread, from registers alone, adds the sum of all lanes to `sum` and returns how many
/// operations it did. A lane begins at 0 and becomes, in a round,
///   f32   lane / 2 + 1
///   bf16  lane + 1 * 1 + 1 * 1
///   int8  lane + 1 * 1 + 1 * 1 + 1 * 1 + 1 * 1
/// which are 2, 4 and 8 operations.
typedef int64_t (*iqk_peak_loop)(int64_t rounds, double *sum);

/// A loop is NULL where the level has no instruction for it.
typedef struct iqk_peak_kernels {
    iqk_peak_loop _Nullable loops[IQK_OPERATION_COUNT];
} iqk_peak_kernels;

extern const iqk_peak_kernels iqk_peak_kernels_portable;
#if defined(__x86_64__)
extern const iqk_peak_kernels iqk_peak_kernels_avx2;
extern const iqk_peak_kernels iqk_peak_kernels_avx512;
#endif
#if defined(__aarch64__)
extern const iqk_peak_kernels iqk_peak_kernels_neon;
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
