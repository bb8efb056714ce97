// The product of operands rounded to bfloat16, in plain C: blocks of both are rounded into scratch memory, in f32, and
// multiplied there. The reference of the levels that have instructions for it.
#include "../formats.h"
#include "../gemm.h"

enum {
    /// A block of a has up to BLOCK_WIDTH rows, one of b up to BLOCK_WIDTH columns; both up to BLOCK_DEPTH of K.
    BLOCK_WIDTH = 256,
    BLOCK_DEPTH = 512,
};

static int64_t at_most(int64_t value, int64_t limit) { return value < limit ? value : limit; }

/// destination[rows, columns] = the source's values as bfloat16 has them; NaN stays NaN.
static void round_block(const float *source, int64_t lds, int64_t rows, int64_t columns, float *destination) {
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t column = 0; column < columns; ++column) {
            const uint32_t bits = iqk_bits_from_float(source[row * lds + column]);
            const uint32_t nearest = bits + 0x7fff + (bits >> 16 & 1);
            const uint32_t rounded = (bits & 0x7fffffff) > 0x7f800000 ? bits | 0x400000 : nearest;
            destination[row * columns + column] = iqk_float_from_bits(rounded & 0xffff0000);
        }
    }
}

static void multiply_rounded(const iqk_gemm_job *job, void *scratch) {
    float *a = scratch, *b = a + BLOCK_WIDTH * BLOCK_DEPTH;
    for (int64_t k = 0; k < job->K; k += BLOCK_DEPTH) {
        const int64_t depth = at_most(job->K - k, BLOCK_DEPTH);
        for (int64_t n = 0; n < job->N; n += BLOCK_WIDTH) {
            const int64_t columns = at_most(job->N - n, BLOCK_WIDTH);
            if (job->transpose_b) {
                round_block(job->b + n * job->ldb + k, job->ldb, columns, depth, b);
            } else {
                round_block(job->b + k * job->ldb + n, job->ldb, depth, columns, b);
            }
            for (int64_t m = 0; m < job->M; m += BLOCK_WIDTH) {
                const int64_t rows = at_most(job->M - m, BLOCK_WIDTH);
                if (job->transpose_a) {
                    round_block(job->a + k * job->lda + m, job->lda, depth, rows, a);
                } else {
                    round_block(job->a + m * job->lda + k, job->lda, rows, depth, a);
                }
                iqk_sgemm(job->transpose_a, job->transpose_b, rows, columns, depth, job->alpha, a,
                          job->transpose_a ? rows : depth, b, job->transpose_b ? depth : columns, k == 0 ? job->beta : 1,
                          job->c + m * job->ldc + n, job->ldc);
            }
        }
    }
}

const iqk_gemm_kernel iqk_gemm_kernel_rounded = {
    .scratch_bytes = 2 * BLOCK_WIDTH * BLOCK_DEPTH * sizeof(float),
    .multiply = multiply_rounded,
    .smallest_share = 1 << 19,
};
