// Products with stored weights, AVX2: weights are expanded in registers (few rows of x) or, four rows at a time, into a
// buffer that stays in the first cache (more rows of x), and multiplied in f32. Both ways add in the same order.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "../linear.h"
#include "formats_avx2.h"
#include "kernels_avx2.h"

enum {
    /// Weight rows that one tile multiplies at once.
    TILE_ROWS = 4,
    /// Rows of x of one tile that expands weights itself, and of one that reads f32: sixteen registers hold no more sums.
    FUSED_TOKENS = 2,
    TILE_TOKENS = 3,
    /// Up to this many rows of x, expanding weights once a tile is faster than through a buffer.
    FUSED_LIMIT = 2,
};

/// The sum of eight lanes, always formed in the same order.
IQK_INLINE float sum_of(__m256 v) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

/// Weight rows n ..< n + rows by rows t ..< t + tokens of x. `w` and `row_bytes` are the rows and their distance.
IQK_INLINE void tile(const iqk_linear_job *job, iqk_format format, const uint8_t *w, int64_t row_bytes, int rows,
                     int tokens, int64_t n, int64_t t) {
    const int runs = iqk_unit_runs(format);
    const float *x = job->x + t * job->ldx;
    const int64_t ldx = job->ldx;
    const int64_t whole = job->K / IQK_BLOCK * IQK_BLOCK;
    __m256 acc[TILE_TOKENS][TILE_ROWS];
#pragma clang loop unroll(full)
    for (int c = 0; c < tokens; ++c)
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) acc[c][r] = _mm256_setzero_ps();
    int64_t k = 0;
    for (; k < whole; k += runs * IQK_BLOCK, w += iqk_unit_bytes(format)) {
        unit_scales scales[TILE_ROWS];
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) {
            read_scales(format, w + r * row_bytes, &scales[r]);
            // The next tile's rows: several short streams are more than the processor's own prefetcher follows.
            for (int64_t ahead = 0; ahead < iqk_unit_bytes(format); ahead += 64)
                _mm_prefetch((const char *)w + (TILE_ROWS + r) * row_bytes + ahead, _MM_HINT_T0);
        }
#pragma clang loop unroll(full)
        for (int run = 0; run < runs; ++run) {
            const float *at = x + k + run * IQK_BLOCK;
            if (format == IQK_F32) {
#pragma clang loop unroll(full)
                for (int i = 0; i < 4; ++i) {
                    __m256 values[TILE_TOKENS];
#pragma clang loop unroll(full)
                    for (int c = 0; c < tokens; ++c) values[c] = _mm256_loadu_ps(at + c * ldx + i * 8);
#pragma clang loop unroll(full)
                    for (int r = 0; r < rows; ++r) {
                        const __m256 weights =
                            _mm256_loadu_ps((const float *)(const void *)(w + r * row_bytes + i * 32));
#pragma clang loop unroll(full)
                        for (int c = 0; c < tokens; ++c) acc[c][r] = _mm256_fmadd_ps(weights, values[c], acc[c][r]);
                    }
                }
                continue;
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; ++r) {
                const weights32 weights = expand(format, w + r * row_bytes, run, &scales[r]);
#pragma clang loop unroll(full)
                for (int i = 0; i < 4; ++i)
#pragma clang loop unroll(full)
                    for (int c = 0; c < tokens; ++c)
                        acc[c][r] = _mm256_fmadd_ps(weights.part[i], _mm256_loadu_ps(at + c * ldx + i * 8), acc[c][r]);
            }
        }
    }
    if (k < job->K) {
        // The rest of a plain format's row, filled up with zeros.
        float weights[IQK_BLOCK], values[IQK_BLOCK];
        const size_t bytes = (size_t)(job->K - k) * sizeof(float);
        for (int r = 0; r < rows; ++r) {
            memset(weights, 0, sizeof weights);
            iqk_dequantize_portable(format, w + r * row_bytes, weights, job->K - k);
            for (int c = 0; c < tokens; ++c) {
                memset(values, 0, sizeof values);
                memcpy(values, x + c * ldx + k, bytes);
                for (int i = 0; i < 32; i += 8)
                    acc[c][r] = _mm256_fmadd_ps(_mm256_loadu_ps(weights + i), _mm256_loadu_ps(values + i), acc[c][r]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < tokens; ++c) {
        float *y = job->y + (t + c) * job->ldy + n;
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) y[r] = sum_of(acc[c][r]) + (job->bias ? job->bias[n + r] : 0);
    }
}

#include "linear_tiles.h"

void iqk_linear_exact_avx2(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch) {
    multiply_rows(job, first, last, scratch, iqk_dequantize_avx2);
}

#pragma clang attribute pop

const iqk_linear_kernels iqk_linear_kernels_avx2 = {
    .dequantize = iqk_dequantize_avx2,
    .exact = iqk_linear_exact_avx2,
    .integer = iqk_linear_integer_avx2,
    .integer_lanes = 8,
    .round_row = iqk_round_row_avx2,
    .gemm_rows = 0,
};

#endif
