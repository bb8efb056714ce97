// Integer products with stored weights, AVX2: activations rounded to eight bits, 32 products summed as integers.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "../linear.h"
#include "formats_avx2.h"
#include "kernels_avx2.h"

enum {
    TILE_ROWS = 4,
    TILE_TOKENS = 2,
};

IQK_INLINE float sum_of(__m256 v) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

/// Eight sums of four products each. Pairs are summed in 16 bits first: a signed weight therefore gives its sign to the
/// activation (128 * 127 * 2 < 2^15), an unsigned one is below 64.
IQK_INLINE __m256i products(iqk_format format, __m256i w, __m256i magnitude, __m256i q) {
    const __m256i pairs = format == IQK_Q8_0 ? _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(q, w))
                                             : _mm256_maddubs_epi16(w, q);
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

/// What makes up for the centre of unsigned weights, in every lane; q6_K has scales, and sums, of half blocks.
IQK_INLINE __m256i correction(iqk_format format, const iqk_rounded_rows *x, int64_t block) {
    if (format != IQK_Q6_K) return _mm256_set1_epi32(x->correction[block]);
    return _mm256_set_m128i(_mm_set1_epi32(x->half_correction[2 * block + 1]),
                            _mm_set1_epi32(x->half_correction[2 * block]));
}

IQK_INLINE void tile(const iqk_linear_job *job, iqk_format format, int rows, int tokens, int64_t n, int64_t t) {
    const int runs = iqk_unit_runs(format);
    const int64_t K = job->K, blocks = K / IQK_BLOCK;
    const uint8_t *w = job->w + n * job->row_bytes;
    const iqk_rounded_rows x = iqk_rounded_from(job, t);
    __m256 acc[TILE_TOKENS][TILE_ROWS];
#pragma clang loop unroll(full)
    for (int c = 0; c < tokens; ++c)
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) acc[c][r] = _mm256_setzero_ps();
    for (int64_t b = 0; b < blocks; b += runs, w += iqk_unit_bytes(format)) {
        unit_scales scales[TILE_ROWS];
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) {
            read_scales(format, w + r * job->row_bytes, &scales[r]);
            for (int64_t ahead = 0; ahead < iqk_unit_bytes(format); ahead += 64)
                _mm_prefetch((const char *)w + (TILE_ROWS + r) * job->row_bytes + ahead, _MM_HINT_T0);
        }
#pragma clang loop unroll(full)
        for (int run = 0; run < runs; ++run) {
            const int64_t block = b + run;
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; ++r) {
                const uint8_t *unit = w + r * job->row_bytes;
                const __m256i weights = stored_integers(format, unit, run);
                const __m256i magnitude = format == IQK_Q8_0 ? _mm256_abs_epi8(weights) : weights;
                __m256 low, high, offset;
                run_scales(format, unit, run, &scales[r], &low, &high, &offset);
                const __m256 scale = format == IQK_Q6_K ? _mm256_permute2f128_ps(low, high, 0x20) : low;
#pragma clang loop unroll(full)
                for (int c = 0; c < tokens; ++c) {
                    const int64_t at = c * blocks + block;
                    __m256i sums = products(format, weights, magnitude, load32((const uint8_t *)x.q + at * IQK_BLOCK));
                    if (iqk_format_centre(format) != 0) sums = _mm256_add_epi32(sums, correction(format, &x, at));
                    const __m256 both = _mm256_mul_ps(scale, _mm256_set1_ps(x.scale[at]));
                    acc[c][r] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), both, acc[c][r]);
                    if (iqk_format_has_offset(format))
                        acc[c][r] = _mm256_fmadd_ps(offset, _mm256_set1_ps(x.offset_share[at]), acc[c][r]);
                }
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

IQK_INLINE void all_tokens(const iqk_linear_job *job, iqk_format format, int rows, int64_t n) {
    int64_t t = 0;
    for (; t + TILE_TOKENS <= job->T; t += TILE_TOKENS) tile(job, format, rows, TILE_TOKENS, n, t);
    if (t < job->T) tile(job, format, rows, 1, n, t);
}

IQK_INLINE void multiply(const iqk_linear_job *job, iqk_format format, int64_t first, int64_t last) {
    int64_t n = first;
    for (; n + TILE_ROWS <= last; n += TILE_ROWS) all_tokens(job, format, TILE_ROWS, n);
    for (; n < last; ++n) all_tokens(job, format, 1, n);
}

void iqk_linear_integer_avx2(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch) {
    (void)scratch;
    switch (job->format) {
    case IQK_Q8_0: multiply(job, IQK_Q8_0, first, last); break;
    case IQK_Q4_0: multiply(job, IQK_Q4_0, first, last); break;
    case IQK_Q4_1: multiply(job, IQK_Q4_1, first, last); break;
    case IQK_Q5_0: multiply(job, IQK_Q5_0, first, last); break;
    case IQK_Q5_1: multiply(job, IQK_Q5_1, first, last); break;
    case IQK_Q4_K: multiply(job, IQK_Q4_K, first, last); break;
    case IQK_Q5_K: multiply(job, IQK_Q5_K, first, last); break;
    case IQK_Q6_K: multiply(job, IQK_Q6_K, first, last); break;
    default: break;
    }
}

// MARK: Rounding of activations

IQK_INLINE int32_t sum_of_integers(__m256i v) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

void iqk_round_row_avx2(const iqk_linear_job *job, int64_t t) {
    const int64_t blocks = job->K / IQK_BLOCK;
    const float *x = job->x + t * job->ldx;
    const __m256i magnitude_bits = _mm256_set1_epi32(0x7fffffff);
    for (int64_t b = 0; b < blocks; ++b, x += IQK_BLOCK) {
        __m256 values[4];
        __m256i largest = _mm256_setzero_si256();
        for (int i = 0; i < 4; ++i) {
            values[i] = _mm256_loadu_ps(x + 8 * i);
            largest = _mm256_max_epi32(largest, _mm256_and_si256(_mm256_castps_si256(values[i]), magnitude_bits));
        }
        __m128i four = _mm_max_epi32(_mm256_castsi256_si128(largest), _mm256_extracti128_si256(largest, 1));
        four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4e));
        const iqk_block_rounding rounding =
            iqk_rounding_of((uint32_t)_mm_cvtsi128_si32(_mm_max_epi32(four, _mm_shuffle_epi32(four, 0xb1))));
        __m256i integers[4];
        for (int i = 0; i < 4; ++i) {
            const __m256 scaled = _mm256_mul_ps(values[i], _mm256_set1_ps(rounding.inverse));
            integers[i] = rounding.inverse != 0 ? _mm256_cvtps_epi32(scaled) : _mm256_setzero_si256();
        }
        const int32_t low = sum_of_integers(_mm256_add_epi32(integers[0], integers[1]));
        const int32_t high = sum_of_integers(_mm256_add_epi32(integers[2], integers[3]));
        iqk_store_rounding(job, t, b, rounding.scale, low, high);
        // The packs work within halves; the permutation puts groups of four back in order.
        const __m256i words = _mm256_packs_epi16(_mm256_packs_epi32(integers[0], integers[1]),
                                                 _mm256_packs_epi32(integers[2], integers[3]));
        const __m256i ordered = _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(void *)(job->rounded.q + t * job->K + b * IQK_BLOCK), ordered);
    }
}

#pragma clang attribute pop

#endif
