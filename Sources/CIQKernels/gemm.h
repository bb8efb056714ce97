// What the general matrix products share: the description of a product, and what multiplies on one thread.
#ifndef IQK_GEMM_H
#define IQK_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "internal.h"

/// c[M, N] = alpha * op(a) * op(b) + beta * c. With a beta of 0, c is not read; with an alpha of 0, a and b are not.
typedef struct iqk_gemm_job {
    bool transpose_a, transpose_b;
    int64_t M, N, K;
    float alpha;
    const float *a;
    int64_t lda;
    const float *b;
    int64_t ldb;
    float beta;
    float *c;
    int64_t ldc;
} iqk_gemm_job;

/// One way to multiply, on the calling thread.
typedef struct iqk_gemm_kernel {
    /// Bytes of scratch memory (aligned to 64) that any product needs; 0 for none.
    size_t scratch_bytes;
    /// Needs M, N, K >= 1 and an alpha that is not 0.
    void (*multiply)(const iqk_gemm_job *job, void *scratch);
    /// Multiplications that are worth waking a thread for.
    int64_t smallest_share;
    /// The product is best left whole: the kernel brings its own threads.
    bool takes_all;
} iqk_gemm_kernel;

/// The system's BLAS; plain loops where there is none.
extern const iqk_gemm_kernel iqk_gemm_kernel_blas;
/// Operands rounded to bfloat16, block by block, then multiplied in f32 by the system's BLAS.
extern const iqk_gemm_kernel iqk_gemm_kernel_rounded;
#if defined(__x86_64__)
extern const iqk_gemm_kernel iqk_gemm_kernel_avx512;
/// Needs the bfloat16 instructions besides those of the level.
extern const iqk_gemm_kernel iqk_gemm_kernel_avx512_bf16;
#endif

#endif
