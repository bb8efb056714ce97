// Products with stored weights in plain C: the reference of the faster levels.

#include "../linear.h"

#include <math.h>

enum {
    /// Partial sums of one product.
    LANES = 16,
};

/// Adds product k to partial sum k % LANES, in order.
static float dot(const float *a, const float *b, int64_t count) {
    float partial[LANES] = {0};
    int64_t k = 0;
    for (; k + LANES <= count; k += LANES)
        for (int lane = 0; lane < LANES; ++lane) partial[lane] += a[k + lane] * b[k + lane];
    for (int lane = 0; k + lane < count; ++lane) partial[lane] += a[k + lane] * b[k + lane];
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; ++lane) partial[lane] += partial[lane + width];
    return partial[0];
}

void iqk_linear_exact_portable(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch) {
    for (int64_t n = first; n < last; ++n) {
        iqk_dequantize_portable(job->format, job->w + n * job->row_bytes, scratch, job->K);
        const float bias = job->bias ? job->bias[n] : 0;
        for (int64_t t = 0; t < job->T; ++t)
            job->y[t * job->ldy + n] = dot(scratch, job->x + t * job->ldx, job->K) + bias;
    }
}

// MARK: Integer products

void iqk_round_row_portable(const iqk_linear_job *job, int64_t t) {
    const int64_t blocks = job->K / IQK_BLOCK;
    const float *x = job->x + t * job->ldx;
    int8_t *q = job->rounded.q + t * job->K;
    for (int64_t b = 0; b < blocks; ++b, x += IQK_BLOCK, q += IQK_BLOCK) {
        uint32_t bits = 0;
        for (int j = 0; j < IQK_BLOCK; ++j) {
            const uint32_t magnitude = iqk_bits_from_float(x[j]) & 0x7fffffff;
            bits = magnitude > bits ? magnitude : bits;
        }
        const iqk_block_rounding rounding = iqk_rounding_of(bits);
        int32_t halves[2] = {0, 0};
        for (int j = 0; j < IQK_BLOCK; ++j) {
            // To the nearest integer, ties to even, as the vector instructions do.
            q[j] = rounding.inverse != 0 ? (int8_t)lrintf(x[j] * rounding.inverse) : 0;
            halves[j / 16] += q[j];
        }
        iqk_store_rounding(job, t, b, rounding.scale, halves[0], halves[1]);
    }
}

/// 32 weights as integers, the scales of their halves, and their offset.
typedef struct integer_run {
    int32_t q[IQK_BLOCK];
    float scale[2];
    float offset;
} integer_run;

static void read_nibbles(const uint8_t *bytes, int32_t *q) {
    for (int j = 0; j < 16; ++j) {
        q[j] = bytes[j] & 15;
        q[j + 16] = bytes[j] >> 4;
    }
}

static void add_fifth_bits(uint32_t high, int32_t *q) {
    for (int j = 0; j < IQK_BLOCK; ++j) q[j] |= (int32_t)(high >> j & 1) << 4;
}

static void read_k_run(const iqk_block_q4_k *block, const uint8_t *bytes, int run, integer_run *out) {
    uint8_t s, m;
    iqk_unpack_k_scale(block->scales, run, &s, &m);
    out->scale[0] = out->scale[1] = iqk_load_f16(block->scale) * (float)s;
    out->offset = -iqk_load_f16(block->minimum) * (float)m;
    for (int j = 0; j < IQK_BLOCK; ++j) out->q[j] = bytes[run / 2 * 32 + j] >> run % 2 * 4 & 15;
}

static void read_run(iqk_format format, const uint8_t *unit, int run, integer_run *out) {
    // The simple formats begin with their scale; those with an offset have it next.
    out->scale[0] = out->scale[1] = iqk_load_f16(unit);
    out->offset = format == IQK_Q4_1 || format == IQK_Q5_1 ? iqk_load_f16(unit + 2) : 0;
    switch (format) {
    case IQK_Q8_0:
        for (int j = 0; j < IQK_BLOCK; ++j) out->q[j] = ((const iqk_block_q8_0 *)unit)->q[j];
        break;
    case IQK_Q4_0: read_nibbles(((const iqk_block_q4_0 *)unit)->q, out->q); break;
    case IQK_Q4_1: read_nibbles(((const iqk_block_q4_1 *)unit)->q, out->q); break;
    case IQK_Q5_0:
        read_nibbles(((const iqk_block_q5_0 *)unit)->q, out->q);
        add_fifth_bits(iqk_load_u32(((const iqk_block_q5_0 *)unit)->high), out->q);
        break;
    case IQK_Q5_1:
        read_nibbles(((const iqk_block_q5_1 *)unit)->q, out->q);
        add_fifth_bits(iqk_load_u32(((const iqk_block_q5_1 *)unit)->high), out->q);
        break;
    case IQK_Q4_K: read_k_run((const iqk_block_q4_k *)unit, ((const iqk_block_q4_k *)unit)->q, run, out); break;
    case IQK_Q5_K: {
        const iqk_block_q5_k *block = (const iqk_block_q5_k *)unit;
        read_k_run((const iqk_block_q4_k *)unit, block->q, run, out);
        for (int j = 0; j < IQK_BLOCK; ++j) out->q[j] |= (block->high[j] >> run & 1) << 4;
        break;
    }
    case IQK_Q6_K: {
        const iqk_block_q6_k *block = (const iqk_block_q6_k *)unit;
        const float scale = iqk_load_f16(block->scale);
        for (int half = 0; half < 2; ++half) out->scale[half] = scale * (float)block->scales[run * 2 + half];
        for (int j = 0; j < IQK_BLOCK; ++j) {
            const int low = block->low[run / 4 * 64 + run % 2 * 32 + j] >> run % 4 / 2 * 4 & 15;
            out->q[j] = low | (block->high[run / 4 * 32 + j] >> run % 4 * 2 & 3) << 4;
        }
        break;
    }
    default: break;
    }
    const int centre = iqk_format_centre(format);
    for (int j = 0; j < IQK_BLOCK; ++j) out->q[j] -= centre;
}

void iqk_linear_integer_portable(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch) {
    (void)scratch;
    const int runs = iqk_unit_runs(job->format);
    const int64_t unit_bytes = iqk_unit_bytes(job->format), blocks = job->K / IQK_BLOCK;
    for (int64_t n = first; n < last; ++n) {
        const uint8_t *row = job->w + n * job->row_bytes;
        for (int64_t t = 0; t < job->T; ++t) job->y[t * job->ldy + n] = job->bias ? job->bias[n] : 0;
        for (int64_t b = 0; b < blocks; ++b) {
            integer_run w;
            read_run(job->format, row + b / runs * unit_bytes, (int)(b % runs), &w);
            for (int64_t t = 0; t < job->T; ++t) {
                const int8_t *q = job->rounded.q + t * job->K + b * IQK_BLOCK;
                int32_t sums[2] = {0, 0};
                for (int j = 0; j < IQK_BLOCK; ++j) sums[j / 16] += w.q[j] * q[j];
                const float scale = job->rounded.scale[t * blocks + b];
                const float scaled = w.scale[0] * (float)sums[0] + w.scale[1] * (float)sums[1];
                job->y[t * job->ldy + n] += scaled * scale + w.offset * job->rounded.offset_share[t * blocks + b];
            }
        }
    }
}

const iqk_linear_kernels iqk_linear_kernels_portable = {
    .dequantize = iqk_dequantize_portable,
    .exact = iqk_linear_exact_portable,
    .integer = iqk_linear_integer_portable,
    .integer_lanes = 1,
    .round_row = iqk_round_row_portable,
    // The reference stays free of other people's code, and its results independent of the number of rows.
    .gemm_rows = 0,
};
