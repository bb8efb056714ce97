// The product of operands rounded to bfloat16, in plain C: blocks of both are rounded into scratch memory, in f32, and
// multiplied there. The reference of the levels that have instructions for it.
#include <string.h>

#include "../formats.h"
#include "../gemm.h"

enum {
    /// A block of a has up to BLOCK_WIDTH rows, one of b up to BLOCK_WIDTH columns; both up to BLOCK_DEPTH of K.
    BLOCK_WIDTH = 256,
    BLOCK_DEPTH = 512,
};

static int64_t at_most(int64_t value, int64_t limit) { return value < limit ? value : limit; }

/// The upper half of the nearest number in bfloat16; NaN stays NaN.
static uint16_t round_bits(uint32_t bits) {
    const uint32_t nearest = bits + 0x7fff + (bits >> 16 & 1);
    const uint32_t rounded = (bits & 0x7fffffff) > 0x7f800000 ? bits | 0x400000 : nearest;
    return (uint16_t)(rounded >> 16);
}

/// Byte by byte, as both may be the same memory.
static void round_row(const float *x, void *y, int64_t count) {
    const char *from = (const char *)x;
    char *to = y;
    for (int64_t i = 0; i < count; ++i) {
        uint32_t bits;
        memcpy(&bits, from + 4 * i, sizeof(bits));
        const uint16_t rounded = round_bits(bits);
        memcpy(to + 2 * i, &rounded, sizeof(rounded));
    }
}

/// destination[rows, columns] = the operand's values from its start on, as bfloat16 has them.
static void round_block(const iqk_operand *operand, int64_t rows, int64_t columns, float *destination) {
    for (int64_t row = 0; row < rows; ++row) {
        const char *from = iqk_operand_from(*operand, row, 0).start;
        for (int64_t column = 0; column < columns; ++column) {
            uint16_t half;
            uint32_t bits;
            if (operand->is_rounded) {
                memcpy(&half, from + 2 * column, sizeof(half));
            } else {
                memcpy(&bits, from + 4 * column, sizeof(bits));
                half = round_bits(bits);
            }
            destination[row * columns + column] = iqk_float_from_bits((uint32_t)half << 16);
        }
    }
}

static void multiply_rounded(const iqk_gemm_job *job, void *scratch) {
    float *a = scratch, *b = a + BLOCK_WIDTH * BLOCK_DEPTH;
    for (int64_t k = 0; k < job->K; k += BLOCK_DEPTH) {
        const int64_t depth = at_most(job->K - k, BLOCK_DEPTH);
        for (int64_t n = 0; n < job->N; n += BLOCK_WIDTH) {
            const int64_t columns = at_most(job->N - n, BLOCK_WIDTH);
            const bool transpose_b = job->b.transposed;
            const iqk_operand right = iqk_operand_part(job->b, k, n);
            round_block(&right, transpose_b ? columns : depth, transpose_b ? depth : columns, b);
            for (int64_t m = 0; m < job->M; m += BLOCK_WIDTH) {
                const int64_t rows = at_most(job->M - m, BLOCK_WIDTH);
                const bool transpose_a = job->a.transposed;
                const iqk_operand left = iqk_operand_part(job->a, m, k);
                round_block(&left, transpose_a ? depth : rows, transpose_a ? rows : depth, a);
                iqk_sgemm(transpose_a, transpose_b, rows, columns, depth, job->alpha, a, transpose_a ? rows : depth, b,
                          transpose_b ? depth : columns, k == 0 ? job->beta : 1, job->c + m * job->ldc + n, job->ldc);
            }
        }
    }
}

const iqk_gemm_kernel iqk_gemm_kernel_rounded = {
    .scratch_bytes = 2 * BLOCK_WIDTH * BLOCK_DEPTH * sizeof(float),
    .multiply = multiply_rounded,
    .smallest_share = 1 << 19,
    .round = round_row,
};
