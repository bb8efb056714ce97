// What the products with stored weights share: the description of a call, and one table of row kernels per level.
#ifndef IQK_LINEAR_H
#define IQK_LINEAR_H

#include <stddef.h>

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
    /// [T, K / 32] scale times the sum of q, divided by the kernel's lanes: what an offset shared by the block's weights
    /// is multiplied by, in every lane.
    float *offset_share;
    /// [T, K / 32] the lane's part of minus the sum of q times the number that is added to the weights where they are
    /// stored as unsigned integers.
    int32_t *correction;
    /// [T, K / 16] the same for each half of the block.
    int32_t *half_correction;
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
    /// How the sums of a block of activations are shared by lanes: see iqk_rounded_rows.
    float offset_factor;
    int32_t correction_factor, half_correction_factor;
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
    /// Lanes among which `integer` spreads the sum of a block, and what makes q8_0 unsigned there (0 where it is not).
    int32_t integer_lanes, q8_centre;
    /// Rounds row t of the job's x into the job's rounded rows.
    void (*round_row)(const iqk_linear_job *job, int64_t t);
    /// From this many rows of x on, exact products go through the general product, over expanded panels; 0 for never.
    int32_t gemm_rows;
} iqk_linear_kernels;

extern const iqk_linear_kernels iqk_linear_kernels_portable;
#if defined(__x86_64__)
extern const iqk_linear_kernels iqk_linear_kernels_avx2;
extern const iqk_linear_kernels iqk_linear_kernels_avx512;
/// The same where the processor has VNNI.
extern const iqk_linear_kernels iqk_linear_kernels_vnni;
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
    rows.offset_share += t * blocks;
    rows.correction += t * blocks;
    rows.half_correction += 2 * t * blocks;
    return rows;
}

/// How a block is rounded, from the bits of its largest magnitude. Compared as integers, the magnitude of a NaN is above
/// that of infinity, and infinity's above every number's. The inverse is 0 where every q is 0.
typedef struct iqk_block_rounding {
    float scale, inverse;
} iqk_block_rounding;

static inline iqk_block_rounding iqk_rounding_of(uint32_t bits) {
    const float largest = iqk_float_from_bits(bits);
    if (bits >= 0x7f800000) return (iqk_block_rounding){largest, 0};
    if (largest < IQK_SMALLEST_BLOCK) return (iqk_block_rounding){0, 0};
    return (iqk_block_rounding){largest / 127.0f, 127.0f / largest};
}

/// Stores what belongs to block b of row t besides its numbers, given the sums of its halves.
static inline void iqk_store_rounding(const iqk_linear_job *job, int64_t t, int64_t b, float scale, int32_t low,
                                      int32_t high) {
    const int64_t at = t * (job->K / IQK_BLOCK) + b;
    job->rounded.scale[at] = scale;
    job->rounded.offset_share[at] = scale * (float)(low + high) * job->offset_factor;
    job->rounded.correction[at] = -(low + high) * job->correction_factor;
    job->rounded.half_correction[2 * at] = -low * job->half_correction_factor;
    job->rounded.half_correction[2 * at + 1] = -high * job->half_correction_factor;
}

static inline int64_t iqk_rounded_up(int64_t count, int64_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

#endif
