// Products with packed weights in plain C: the twin of the faster kernels. See packed.h.

#include "../packed.h"

#include <math.h>

/// Writes the sums of a run for row t of x.
static void store_run(const iqk_packed_job *job, int64_t run, int64_t t, const float *sums) {
    const int64_t rows = iqk_run_rows(job->format), n = run * rows;
    for (int64_t lane = 0; lane < rows && n + lane < job->N; ++lane)
        job->y[t * job->ldy + n + lane] = sums[lane] + (job->bias ? job->bias[n + lane] : 0);
}

static void multiply_f32(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                         int64_t last_row) {
    for (int64_t run = first_run; run < last_run; ++run) {
        const float *w = (const float *)(const void *)job->w + run * IQK_WORD_RUN * job->K;
        for (int64_t t = first_row; t < last_row; ++t) {
            const float *x = (const float *)job->words + t * job->stride;
            float sums[IQK_WORD_RUN] = {0};
            for (int64_t k = 0; k < job->K; ++k)
                for (int lane = 0; lane < IQK_WORD_RUN; ++lane) sums[lane] += x[k] * w[k * IQK_WORD_RUN + lane];
            store_run(job, run, t, sums);
        }
    }
}

static void multiply_bf16(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                          int64_t last_row) {
    const int64_t words = iqk_words(IQK_BF16, job->K);
    for (int64_t run = first_run; run < last_run; ++run) {
        const uint16_t *w = (const uint16_t *)(const void *)job->w + run * IQK_WORD_RUN * words * 2;
        for (int64_t t = first_row; t < last_row; ++t) {
            const uint16_t *x = (const uint16_t *)job->words + 2 * t * job->stride;
            float sums[IQK_WORD_RUN] = {0};
            for (int64_t k = 0; k < words; ++k) {
                const float even = iqk_float_from_bf16(x[2 * k]), odd = iqk_float_from_bf16(x[2 * k + 1]);
                for (int lane = 0; lane < IQK_WORD_RUN; ++lane) {
                    const uint16_t *word = w + (k * IQK_WORD_RUN + lane) * 2;
                    sums[lane] += even * iqk_float_from_bf16(word[0]);
                    sums[lane] += odd * iqk_float_from_bf16(word[1]);
                }
            }
            store_run(job, run, t, sums);
        }
    }
}

/// The integers of a lane and a group of four, as they are stored: unsigned.
static void read_four(iqk_format format, const uint8_t *block, int64_t group, int64_t lane, int32_t q[4]) {
    const bool halves = format != IQK_Q8_0;
    const int64_t stored = halves ? group % (IQK_GROUPS / 2) : group;
    for (int i = 0; i < 4; ++i) {
        const uint8_t byte = block[(stored * IQK_INTEGER_RUN + lane) * 4 + i];
        q[i] = !halves ? byte : group < IQK_GROUPS / 2 ? byte & 15 : byte >> 4;
    }
}

static void multiply_block(iqk_format format, const uint8_t *scales, const uint8_t *integers, const int8_t *x,
                           float row_scale, const void *row_sum, float *sums) {
    int32_t correction = 0;
    float share = 0;
    if (iqk_format_has_offset(format)) {
        memcpy(&share, row_sum, sizeof share);
    } else {
        memcpy(&correction, row_sum, sizeof correction);
    }
    for (int lane = 0; lane < IQK_INTEGER_RUN; ++lane) {
        int32_t sum = correction;
        for (int group = 0; group < IQK_GROUPS; ++group) {
            int32_t q[4];
            read_four(format, integers, group, lane, q);
            for (int i = 0; i < 4; ++i) sum += q[i] * x[4 * group + i];
        }
        sums[lane] += (float)sum * (iqk_load_f16(scales + 2 * lane) * row_scale);
        if (iqk_format_has_offset(format)) sums[lane] += iqk_load_f16(scales + 2 * (IQK_INTEGER_RUN + lane)) * share;
    }
}

static void multiply_integers(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_panel,
                              int64_t last_panel) {
    const int64_t blocks = job->K / IQK_BLOCK;
    for (int64_t run = first_run; run < last_run; ++run) {
        const uint8_t *scales = job->w + run * iqk_run_bytes(job->format, job->K);
        const uint8_t *integers = scales + blocks * iqk_packed_scale_bytes(job->format);
        for (int64_t index = first_panel; index < last_panel; ++index) {
            const iqk_panel panel = iqk_panel_at(job->T, job->K, index);
            for (int64_t row = 0; row < panel.count; ++row) {
                float sums[IQK_INTEGER_RUN] = {0};
                for (int64_t b = 0; b < blocks; ++b) {
                    const char *block = job->panels + panel.offset + b * panel.count * IQK_PANEL_BYTES;
                    const char *row_scales = block + panel.count * IQK_BLOCK;
                    float scale;
                    memcpy(&scale, row_scales + 4 * row, sizeof scale);
                    multiply_block(job->format, scales + b * iqk_packed_scale_bytes(job->format),
                                   integers + b * iqk_packed_block_bytes(job->format),
                                   (const int8_t *)block + row * IQK_BLOCK, scale,
                                   row_scales + 4 * (panel.count + row), sums);
                }
                store_run(job, run, panel.first + row, sums);
            }
        }
    }
}

static void round_panel(const float *x, int64_t ldx, int64_t rows, int64_t K, int32_t centre, void *panel) {
    for (int64_t b = 0; b < K / IQK_BLOCK; ++b) {
        char *block = (char *)panel + b * rows * IQK_PANEL_BYTES;
        for (int64_t row = 0; row < rows; ++row) {
            const float *from = x + row * ldx + b * IQK_BLOCK;
            int8_t *q = (int8_t *)block + row * IQK_BLOCK;
            uint32_t bits = 0;
            for (int j = 0; j < IQK_BLOCK; ++j) {
                const uint32_t magnitude = iqk_bits_from_float(from[j]) & 0x7fffffff;
                bits = magnitude > bits ? magnitude : bits;
            }
            const iqk_block_rounding rounding = iqk_rounding_of(bits);
            int32_t sum = 0;
            for (int j = 0; j < IQK_BLOCK; ++j) {
                // To the nearest integer, ties to even, as the vector instructions do.
                q[j] = rounding.inverse != 0 ? (int8_t)lrintf(from[j] * rounding.inverse) : 0;
                sum += q[j];
            }
            iqk_store_panel_sums(block, rows, row, rounding.scale, sum, centre);
        }
    }
}

static void round_bf16(const float *x, uint16_t *y, int64_t K) {
    for (int64_t k = 0; k < K; ++k) y[k] = iqk_bf16_from_float(x[k]);
}

const iqk_packed_kernels iqk_packed_kernels_portable = {
    .multiply = {[IQK_F32] = multiply_f32, [IQK_BF16] = multiply_bf16, [IQK_Q8_0] = multiply_integers,
                 [IQK_Q4_0] = multiply_integers, [IQK_Q4_1] = multiply_integers},
    .round_panel = round_panel,
    .round_bf16 = round_bf16,
};
