// Products with stored weights, AVX-512: weights are expanded in registers (few rows of x) or, four rows at a time, into
// a buffer that stays in the first cache (more rows of x), and multiplied in f32. Both ways add in the same order.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)

#include "../linear.h"
#include "formats_avx512.h"
#include "kernels_avx2.h"
#include "kernels_avx512.h"

enum {
    /// Weight rows that one tile multiplies at once.
    TILE_ROWS = 4,
    /// Rows of x of one tile that expands weights itself, and of one that reads f32.
    FUSED_TOKENS = 4,
    /// Up to this many rows of x, expanding weights once a tile is faster than through a buffer.
    FUSED_LIMIT = 8,
    TILE_TOKENS = 6,
};

/// Sums of four registers, as one of four numbers.
IQK_INLINE __m128 sums_of_four(__m512 a, __m512 b, __m512 c, __m512 d) {
    const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    const __m512 low = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd)));
    const __m512 high = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd)));
    const __m512 all = _mm512_add_ps(low, high);
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

/// Writes the sums of `rows` accumulators to y[t, n ..< n + rows], with the bias. A row's sum is formed in the same way
/// whatever `rows` is.
IQK_INLINE void store_sums(const iqk_linear_job *job, int rows, int64_t n, int64_t t, const __m512 acc[TILE_ROWS]) {
    const __m512 zero = _mm512_setzero_ps();
    __m128 sums = sums_of_four(acc[0], rows > 1 ? acc[1] : zero, rows > 2 ? acc[2] : zero, rows > 3 ? acc[3] : zero);
    const __mmask8 mask = (__mmask8)((1u << rows) - 1);
    if (job->bias) sums = _mm_add_ps(sums, _mm_maskz_loadu_ps(mask, job->bias + n));
    _mm_mask_storeu_ps(job->y + t * job->ldy + n, mask, sums);
}

/// Weight rows n ..< n + rows by rows t ..< t + tokens of x. `w` and `row_bytes` are the rows and their distance.
IQK_INLINE void tile(const iqk_linear_job *job, iqk_format format, const uint8_t *w, int64_t row_bytes, int rows,
                     int tokens, int64_t n, int64_t t) {
    const int runs = iqk_unit_runs(format);
    const float *x = job->x + t * job->ldx;
    const int64_t ldx = job->ldx;
    const int64_t whole = job->K / IQK_BLOCK * IQK_BLOCK;
    __m512 acc[TILE_TOKENS][TILE_ROWS];
#pragma clang loop unroll(full)
    for (int c = 0; c < tokens; ++c)
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) acc[c][r] = _mm512_setzero_ps();
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
            weights32 weights[TILE_ROWS];
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; ++r) weights[r] = expand(format, w + r * row_bytes, run, &scales[r]);
#pragma clang loop unroll(full)
            for (int c = 0; c < tokens; ++c) {
                const __m512 low = _mm512_loadu_ps(x + c * ldx + k + run * 32);
#pragma clang loop unroll(full)
                for (int r = 0; r < rows; ++r) acc[c][r] = _mm512_fmadd_ps(weights[r].low, low, acc[c][r]);
            }
#pragma clang loop unroll(full)
            for (int c = 0; c < tokens; ++c) {
                const __m512 high = _mm512_loadu_ps(x + c * ldx + k + run * 32 + 16);
#pragma clang loop unroll(full)
                for (int r = 0; r < rows; ++r) acc[c][r] = _mm512_fmadd_ps(weights[r].high, high, acc[c][r]);
            }
        }
    }
    if (k < job->K) {
        const uint32_t mask = (1u << (job->K - k)) - 1;
        const __mmask16 low_mask = (__mmask16)mask, high_mask = (__mmask16)(mask >> 16);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) {
            const weights32 weights = expand_part(format, w + r * row_bytes, mask);
#pragma clang loop unroll(full)
            for (int c = 0; c < tokens; ++c) {
                const __m512 low = _mm512_maskz_loadu_ps(low_mask, x + c * ldx + k);
                const __m512 high = _mm512_maskz_loadu_ps(high_mask, x + c * ldx + k + 16);
                acc[c][r] = _mm512_fmadd_ps(weights.low, low, acc[c][r]);
                acc[c][r] = _mm512_mask3_fmadd_ps(weights.high, high, acc[c][r], high_mask);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < tokens; ++c) store_sums(job, rows, n, t + c, acc[c]);
}

#include "linear_tiles.h"

void iqk_linear_exact_avx512(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch) {
    multiply_rows(job, first, last, scratch, iqk_dequantize_avx512);
}

#pragma clang attribute pop

enum {
    /// The general product shares one expansion among more rows, and needs fewer loads. Up to this many rows its
    /// preparation costs more than that, or the batch is one of decoding, in which no sequence's numbers shall depend on
    /// the others.
    GEMM_ROWS = 128,
};

const iqk_linear_kernels iqk_linear_kernels_avx512 = {
    .dequantize = iqk_dequantize_avx512,
    .exact = iqk_linear_exact_avx512,
    .integer = iqk_linear_integer_avx2,
    .integer_lanes = 8,
    .round_row = iqk_round_row_avx2,
    .gemm_rows = GEMM_ROWS,
};

const iqk_linear_kernels iqk_linear_kernels_vnni = {
    .dequantize = iqk_dequantize_avx512,
    .exact = iqk_linear_exact_avx512,
    .integer = iqk_linear_integer_vnni,
    .integer_lanes = 4,
    .q8_centre = 128,
    .round_row = iqk_round_row_avx2,
    .gemm_rows = GEMM_ROWS,
};

#endif
