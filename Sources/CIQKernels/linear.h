// What the products with stored weights share: the description of a call, and one table of row kernels per level.
#ifndef IQK_LINEAR_H
#define IQK_LINEAR_H

#include "formats.h"

/// Activations rounded to eight bits per block of 32, for the integer products: x ≈ scale * q.
///
/// A block that holds an infinity or a NaN has a scale that is not finite and q = 0, so that its products are NaN.
/// A block whose largest magnitude is below IQK_SMALLEST_BLOCK counts as zeros.
typedef struct iqk_rounded_rows {
    /// [T, K]
    int8_t *q;
    /// [T, K / 32]
    float *scale;
    /// [T, K / 32] scale times the sum of q: what an offset shared by the block's weights is multiplied by.
    float *scaled_sum;
    /// [T, K / 16] minus the sum of q over 16: corrects products with weights that are stored with an offset.
    int32_t *negative_half_sum;
    /// [T, K / 32] the same over 32.
    int32_t *negative_sum;
} iqk_rounded_rows;

#define IQK_SMALLEST_BLOCK 0x1p-119f

/// One call of iqk_linear, as row kernels see it.
typedef struct iqk_linear_job {
    const float *x;
    int64_t ldx;
    const uint8_t *w;
    int64_t row_bytes;
    iqk_format format;
    const float *bias;
    float *y;
    int64_t ldy;
    int64_t T, N, K;
    iqk_rounded_rows rounded;
} iqk_linear_job;

/// Weight rows that a row kernel may expand at once into its scratch memory.
enum { IQK_SCRATCH_ROWS = 8 };

/// Computes the outputs [T, first ..< last]. Every output is the same number whatever T and the range are: weights are
/// expanded exactly and element k of the product is added to partial sum k % lanes, in order of k.
/// `scratch` holds IQK_SCRATCH_ROWS * (K rounded up to 32) floats.
typedef void (*iqk_linear_rows)(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch);

/// The kernels of one level.
typedef struct iqk_linear_kernels {
    void (*dequantize)(iqk_format format, const void *source, float *destination, int64_t count);
    iqk_linear_rows exact;
    iqk_linear_rows integer;
    /// Rounds row t of the job's x into the job's rounded rows.
    void (*round_row)(const iqk_linear_job *job, int64_t t);
    /// From this many rows of x on, exact products go through sgemm over expanded panels; 0 for never.
    int32_t sgemm_rows;
} iqk_linear_kernels;

extern const iqk_linear_kernels iqk_linear_kernels_portable;
#if defined(__x86_64__)
extern const iqk_linear_kernels iqk_linear_kernels_avx2;
extern const iqk_linear_kernels iqk_linear_kernels_avx512;
#endif
#if defined(__aarch64__)
extern const iqk_linear_kernels iqk_linear_kernels_neon;
#endif

void iqk_linear_exact_portable(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch);
void iqk_linear_integer_portable(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch);
void iqk_round_row_portable(const iqk_linear_job *job, int64_t t);

/// The job's rounded rows from row t on.
static inline iqk_rounded_rows iqk_rounded_from(const iqk_linear_job *job, int64_t t) {
    const int64_t blocks = job->K / IQK_BLOCK;
    iqk_rounded_rows rows = job->rounded;
    rows.q += t * job->K;
    rows.scale += t * blocks;
    rows.scaled_sum += t * blocks;
    rows.negative_half_sum += 2 * t * blocks;
    rows.negative_sum += t * blocks;
    return rows;
}

static inline int64_t iqk_rounded_up(int64_t count, int64_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

#endif
