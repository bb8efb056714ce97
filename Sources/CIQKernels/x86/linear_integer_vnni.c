// Integer products with stored weights, AVX-512 with VNNI: one register holds 16 weights of each of four rows, and the
// activations are broadcast to all four.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))),       \
                             apply_to = function)

#include "../linear.h"
#include "formats_avx512.h"
#include "kernels_avx512.h"

enum {
    /// Weight rows of one tile: one for each quarter of a register.
    TILE_ROWS = 4,
    /// Rows of x of one tile.
    TILE_TOKENS = 8,
};

/// Addresses of a unit in each of four rows.
typedef struct four_rows {
    const uint8_t *row[TILE_ROWS];
} four_rows;

IQK_INLINE __m512i sixteen_bytes(const four_rows *rows, int64_t offset) {
    __m512i v = _mm512_castsi128_si512(load16(rows->row[0] + offset));
    v = _mm512_inserti32x4(v, load16(rows->row[1] + offset), 1);
    v = _mm512_inserti32x4(v, load16(rows->row[2] + offset), 2);
    return _mm512_inserti32x4(v, load16(rows->row[3] + offset), 3);
}

/// Each row's number in its quarter of the register.
IQK_INLINE __m512i quarters(void) { return _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3); }

/// The half-precision number at an offset of each row, as f32 in the row's quarter.
IQK_INLINE __m512 one_half_each(const four_rows *rows, int64_t offset) {
    __m128i halves = _mm_cvtsi32_si128(iqk_load_u16(rows->row[0] + offset));
    halves = _mm_insert_epi16(halves, iqk_load_u16(rows->row[1] + offset), 1);
    halves = _mm_insert_epi16(halves, iqk_load_u16(rows->row[2] + offset), 2);
    halves = _mm_insert_epi16(halves, iqk_load_u16(rows->row[3] + offset), 3);
    return _mm512_permutexvar_ps(quarters(), _mm512_castps128_ps512(_mm_cvtph_ps(halves)));
}

/// The scales of four K blocks, ready to be picked by run.
typedef struct four_scales {
    /// Rows 0 and 1, rows 2 and 3: eight scales each; in q6_K, sixteen of each row.
    __m512 scale[4];
    __m512 offset[2];
} four_scales;

IQK_INLINE __m512 joined(const float *low, const float *high) {
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(low)), _mm256_loadu_ps(high), 1);
}

IQK_INLINE void read_four_scales(iqk_format format, const four_rows *rows, four_scales *out) {
    if (iqk_unit_runs(format) == 1) return;
    unit_scales s[TILE_ROWS];
#pragma clang loop unroll(full)
    for (int r = 0; r < TILE_ROWS; ++r) read_scales(format, rows->row[r], &s[r]);
    if (format == IQK_Q6_K) {
#pragma clang loop unroll(full)
        for (int r = 0; r < TILE_ROWS; ++r) out->scale[r] = _mm512_loadu_ps(s[r].scale);
    } else {
#pragma clang loop unroll(full)
        for (int pair = 0; pair < 2; ++pair) {
            out->scale[pair] = joined(s[2 * pair].scale, s[2 * pair + 1].scale);
            out->offset[pair] = joined(s[2 * pair].offset, s[2 * pair + 1].offset);
        }
    }
}

/// Number `run` of each row's eight.
IQK_INLINE __m512 pick_of_eight(const __m512 pairs[2], int run) {
    const __m512i index = _mm512_add_epi32(_mm512_slli_epi32(quarters(), 3), _mm512_set1_epi32(run));
    return _mm512_permutex2var_ps(pairs[0], index, pairs[1]);
}

/// Number `at` of each row's sixteen.
IQK_INLINE __m512 pick_of_sixteen(const __m512 rows[4], int at) {
    const __m512i index = _mm512_add_epi32(_mm512_slli_epi32(quarters(), 4), _mm512_set1_epi32(at));
    const __m512 low = _mm512_permutex2var_ps(rows[0], index, rows[1]);
    const __m512 high = _mm512_permutex2var_ps(rows[2], index, rows[3]);
    return _mm512_insertf32x8(low, _mm512_castps512_ps256(high), 1);
}

/// 32 weights of each of four rows: unsigned integers of the first and of the last 16, scales of both, and the offset.
typedef struct four_runs {
    __m512i low, high;
    __m512 low_scale, high_scale, offset;
} four_runs;

IQK_INLINE __m512i low_bits(__m512i v) { return _mm512_and_si512(v, _mm512_set1_epi8(15)); }
IQK_INLINE __m512i high_bits(__m512i v) { return low_bits(_mm512_srli_epi16(v, 4)); }

/// Moves bit `from` of every byte to bit `to`; the other bits are left to be masked away.
IQK_INLINE __m512i moved(__m512i bytes, int from, int to) {
    return from < to   ? _mm512_slli_epi16(bytes, (unsigned)(to - from))
           : from > to ? _mm512_srli_epi16(bytes, (unsigned)(from - to))
                       : bytes;
}

/// Adds the fifth bits, 32 of each row at an offset.
IQK_INLINE void add_fifth_bits(const four_rows *rows, int64_t offset, four_runs *w) {
    const __m128i bits = _mm_setr_epi32((int)iqk_load_u32(rows->row[0] + offset), (int)iqk_load_u32(rows->row[1] + offset),
                                        (int)iqk_load_u32(rows->row[2] + offset), (int)iqk_load_u32(rows->row[3] + offset));
    const __m128i sorted =
        _mm_shuffle_epi8(bits, _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15));
    const __m512i sixteen = _mm512_set1_epi8(16);
    w->low = _mm512_mask_add_epi8(w->low, (__mmask64)_mm_cvtsi128_si64(sorted), w->low, sixteen);
    w->high = _mm512_mask_add_epi8(w->high, (__mmask64)_mm_extract_epi64(sorted, 1), w->high, sixteen);
}

IQK_INLINE four_runs read_runs(iqk_format format, const four_rows *rows, int run, const four_scales *scales) {
    four_runs w;
    w.offset = _mm512_setzero_ps();
    if (iqk_unit_runs(format) == 1) w.low_scale = w.high_scale = one_half_each(rows, 0);
    if (format == IQK_Q4_1 || format == IQK_Q5_1) w.offset = one_half_each(rows, 2);
    const __m512i fifteen = _mm512_set1_epi8(15);
    switch (format) {
    case IQK_Q8_0: {
        const __m512i flip = _mm512_set1_epi8((char)0x80);
        w.low = _mm512_xor_si512(sixteen_bytes(rows, offsetof(iqk_block_q8_0, q)), flip);
        w.high = _mm512_xor_si512(sixteen_bytes(rows, offsetof(iqk_block_q8_0, q) + 16), flip);
        break;
    }
    case IQK_Q4_0:
    case IQK_Q4_1:
    case IQK_Q5_0:
    case IQK_Q5_1: {
        const __m512i q = sixteen_bytes(rows, iqk_unit_bytes(format) - 16);
        w.low = low_bits(q);
        w.high = high_bits(q);
        if (format == IQK_Q5_0) add_fifth_bits(rows, offsetof(iqk_block_q5_0, high), &w);
        if (format == IQK_Q5_1) add_fifth_bits(rows, offsetof(iqk_block_q5_1, high), &w);
        break;
    }
    case IQK_Q4_K:
    case IQK_Q5_K: {
        const int64_t q = (format == IQK_Q4_K ? offsetof(iqk_block_q4_k, q) : offsetof(iqk_block_q5_k, q)) + run / 2 * 32;
        w.low = _mm512_and_si512(moved(sixteen_bytes(rows, q), run % 2 * 4, 0), fifteen);
        w.high = _mm512_and_si512(moved(sixteen_bytes(rows, q + 16), run % 2 * 4, 0), fifteen);
        if (format == IQK_Q5_K) {
            const int64_t high = offsetof(iqk_block_q5_k, high);
            const __m512i sixteen = _mm512_set1_epi8(16);
            const __m512i a = _mm512_and_si512(moved(sixteen_bytes(rows, high), run, 4), sixteen);
            const __m512i b = _mm512_and_si512(moved(sixteen_bytes(rows, high + 16), run, 4), sixteen);
            w.low = _mm512_or_si512(w.low, a);
            w.high = _mm512_or_si512(w.high, b);
        }
        w.low_scale = w.high_scale = pick_of_eight(scales->scale, run);
        w.offset = pick_of_eight(scales->offset, run);
        break;
    }
    case IQK_Q6_K: {
        const int64_t low = run / 4 * 64 + run % 2 * 32;
        const int64_t high = (int64_t)offsetof(iqk_block_q6_k, high) + run / 4 * 32;
        const __m512i upper = _mm512_set1_epi8(0x30);
        const __m512i a = _mm512_and_si512(moved(sixteen_bytes(rows, high), run % 4 * 2, 4), upper);
        const __m512i b = _mm512_and_si512(moved(sixteen_bytes(rows, high + 16), run % 4 * 2, 4), upper);
        w.low = _mm512_and_si512(moved(sixteen_bytes(rows, low), run % 4 / 2 * 4, 0), fifteen);
        w.high = _mm512_and_si512(moved(sixteen_bytes(rows, low + 16), run % 4 / 2 * 4, 0), fifteen);
        w.low = _mm512_or_si512(w.low, a);
        w.high = _mm512_or_si512(w.high, b);
        w.low_scale = pick_of_sixteen(scales->scale, run * 2);
        w.high_scale = pick_of_sixteen(scales->scale, run * 2 + 1);
        break;
    }
    default: w.low = w.high = _mm512_setzero_si512(), w.low_scale = w.high_scale = w.offset;
    }
    return w;
}

IQK_INLINE __m512i broadcast16(const int8_t *bytes) {
    return _mm512_broadcast_i32x4(load16((const uint8_t *)bytes));
}

/// Adds the products of one run with one block of activations.
IQK_INLINE __m512 add_products(iqk_format format, const four_runs *w, const iqk_rounded_rows *x, int64_t at, __m512 acc) {
    const __m512i q_low = broadcast16(x->q + at * IQK_BLOCK), q_high = broadcast16(x->q + at * IQK_BLOCK + 16);
    const __m512 scale = _mm512_set1_ps(x->scale[at]);
    if (format == IQK_Q6_K) {
        const __m512i low_start = _mm512_set1_epi32(x->half_correction[2 * at]);
        const __m512i high_start = _mm512_set1_epi32(x->half_correction[2 * at + 1]);
        const __m512i low = _mm512_dpbusd_epi32(low_start, w->low, q_low);
        const __m512i high = _mm512_dpbusd_epi32(high_start, w->high, q_high);
        acc = _mm512_fmadd_ps(_mm512_cvtepi32_ps(low), _mm512_mul_ps(w->low_scale, scale), acc);
        return _mm512_fmadd_ps(_mm512_cvtepi32_ps(high), _mm512_mul_ps(w->high_scale, scale), acc);
    }
    // The correction makes up for weights that were made unsigned.
    const bool is_corrected = !iqk_format_has_offset(format);
    __m512i sums = is_corrected ? _mm512_set1_epi32(x->correction[at]) : _mm512_setzero_si512();
    sums = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sums, w->low, q_low), w->high, q_high);
    acc = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), _mm512_mul_ps(w->low_scale, scale), acc);
    if (iqk_format_has_offset(format))
        acc = _mm512_fmadd_ps(w->offset, _mm512_set1_ps(x->offset_share[at]), acc);
    return acc;
}

/// Weight rows n ..< n + rows (at most four) by rows t ..< t + tokens of x.
IQK_INLINE void tile(const iqk_linear_job *job, iqk_format format, int64_t rows, int tokens, int64_t n, int64_t t) {
    const int runs = iqk_unit_runs(format);
    const int64_t blocks = job->K / IQK_BLOCK;
    const iqk_rounded_rows x = iqk_rounded_from(job, t);
    four_rows w;
    // Missing rows repeat the last one; their sums are not stored.
    for (int64_t r = 0; r < TILE_ROWS; ++r) w.row[r] = job->w + (n + (r < rows ? r : rows - 1)) * job->row_bytes;
    __m512 acc[TILE_TOKENS];
#pragma clang loop unroll(full)
    for (int c = 0; c < tokens; ++c) acc[c] = _mm512_setzero_ps();
    for (int64_t b = 0; b < blocks; b += runs) {
        four_scales scales;
        read_four_scales(format, &w, &scales);
#pragma clang loop unroll(full)
        for (int run = 0; run < runs; ++run) {
            const four_runs weights = read_runs(format, &w, run, &scales);
#pragma clang loop unroll(full)
            for (int c = 0; c < tokens; ++c)
                acc[c] = add_products(format, &weights, &x, c * blocks + b + run, acc[c]);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < TILE_ROWS; ++r) {
            for (int64_t ahead = 0; ahead < iqk_unit_bytes(format); ahead += 64)
                _mm_prefetch((const char *)w.row[r] + TILE_ROWS * job->row_bytes + ahead, _MM_HINT_T0);
            w.row[r] += iqk_unit_bytes(format);
        }
    }
    const __mmask8 mask = (__mmask8)((1u << rows) - 1);
    const __m512i firsts = _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
#pragma clang loop unroll(full)
    for (int c = 0; c < tokens; ++c) {
        const __m512 pairs = _mm512_add_ps(acc[c], _mm512_permute_ps(acc[c], 0x4e));
        const __m512 all = _mm512_add_ps(pairs, _mm512_permute_ps(pairs, 0xb1));
        __m128 sums = _mm512_castps512_ps128(_mm512_permutexvar_ps(firsts, all));
        if (job->bias) sums = _mm_add_ps(sums, _mm_maskz_loadu_ps(mask, job->bias + n));
        _mm_mask_storeu_ps(job->y + (t + c) * job->ldy + n, mask, sums);
    }
}

IQK_INLINE void multiply(const iqk_linear_job *job, iqk_format format, int64_t first, int64_t last) {
    for (int64_t n = first; n < last; n += TILE_ROWS) {
        const int64_t rows = last - n < TILE_ROWS ? last - n : TILE_ROWS;
        int64_t t = 0;
        for (; t + TILE_TOKENS <= job->T; t += TILE_TOKENS) tile(job, format, rows, TILE_TOKENS, n, t);
        for (; t + 4 <= job->T; t += 4) tile(job, format, rows, 4, n, t);
        for (; t + 2 <= job->T; t += 2) tile(job, format, rows, 2, n, t);
        if (t < job->T) tile(job, format, rows, 1, n, t);
    }
}

void iqk_linear_integer_vnni(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch) {
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

#pragma clang attribute pop

#endif
