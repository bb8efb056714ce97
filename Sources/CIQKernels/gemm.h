// What the general matrix products share: the description of a product, and what multiplies on one thread.
#ifndef IQK_GEMM_H
#define IQK_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "internal.h"

/// c[M, N] = alpha * op(a) * op(b) + beta * c. With a beta of 0, c is not read; with an alpha of 0, a and b are not.
typedef struct iqk_gemm_job {
    int64_t M, N, K;
    float alpha;
    /// Rounded ones are for kernels that round.
    iqk_operand a, b;
    float beta;
    float *c;
    int64_t ldc;
} iqk_gemm_job;

static inline size_t iqk_element_size(const iqk_operand *operand) { return operand->is_rounded ? 2 : sizeof(float); }

/// The operand from an element of its memory on.
static inline iqk_operand iqk_operand_from(iqk_operand operand, int64_t row, int64_t column) {
    operand.start = (const char *)operand.start + (row * operand.stride + column) * (int64_t)iqk_element_size(&operand);
    return operand;
}

/// Rows m ... and columns n ... of op(operand).
static inline iqk_operand iqk_operand_part(iqk_operand operand, int64_t m, int64_t n) {
    return operand.transposed ? iqk_operand_from(operand, n, m) : iqk_operand_from(operand, m, n);
}

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
    /// y = x rounded as `multiply` rounds; y may begin where x does. NULL if it does not round.
    void (*round)(const float *x, void *y, int64_t count);
} iqk_gemm_kernel;

/// The system's BLAS; plain loops where there is none.
extern const iqk_gemm_kernel iqk_gemm_kernel_blas;
/// Operands rounded to bfloat16, block by block, then multiplied in f32 by the system's BLAS.
extern const iqk_gemm_kernel iqk_gemm_kernel_rounded;
#if defined(__x86_64__)
extern const iqk_gemm_kernel iqk_gemm_kernel_avx512;
/// Rounds, without instructions for it.
extern const iqk_gemm_kernel iqk_gemm_kernel_avx512_rounded;
/// Needs the bfloat16 instructions besides those of the level.
extern const iqk_gemm_kernel iqk_gemm_kernel_avx512_bf16;
#endif

#endif
