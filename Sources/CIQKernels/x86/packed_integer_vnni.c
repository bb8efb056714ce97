// Integer products with packed weights, AVX-512 with VNNI: four activations of a row are broadcast to the 32 weight rows of a
// run. See packed.h.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))),       \
                             apply_to = function)

#include <immintrin.h>

#include "../packed.h"
#include "inline.h"

enum {
    LANES = 16,
    /// Vectors of a run's rows.
    VECTORS = IQK_INTEGER_RUN / LANES,
    /// How far ahead memory is asked for: the processor's own prefetcher stops at every page. Without it one core reads 16 GB/s
    /// instead of 35.
    BYTES_AHEAD = 8192,
};

IQK_INLINE int32_t load_i32(const char *bytes) {
    int32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

IQK_INLINE float load_f32(const char *bytes) {
    float value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/// sums += the products of one group of four along K, for the `rows` rows of a panel whose integers of the group begin at `x`.
IQK_INLINE void add_group(int rows, const __m512i w[VECTORS], const char *x, __m512i sums[IQK_PANEL][VECTORS]) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) {
        const __m512i four = _mm512_set1_epi32(load_i32(x + r * IQK_BLOCK));
#pragma clang loop unroll(full)
        for (int v = 0; v < VECTORS; ++v) sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], w[v], four);
    }
}

/// sums += the products of one block. Group by group, so that no sum waits for its own last product, and one broadcast serves
/// two vectors of weights: loads are as scarce as multiplications.
IQK_INLINE void add_block(iqk_format format, int rows, const uint8_t *q, int64_t ahead, const char *x,
                          __m512i sums[IQK_PANEL][VECTORS]) {
    const __m512i low = _mm512_set1_epi8(15);
    const int stored = format == IQK_Q8_0 ? IQK_GROUPS : IQK_GROUPS / 2;
#pragma clang loop unroll(full)
    for (int g = 0; g < stored; ++g) {
        __m512i w[VECTORS], upper[VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < VECTORS; ++v) {
            const uint8_t *at = q + (g * VECTORS + v) * 64;
            _mm_prefetch((const char *)at + ahead, _MM_HINT_T0);
            w[v] = _mm512_load_si512(at);
            if (format == IQK_Q8_0) continue;
            upper[v] = _mm512_and_si512(_mm512_srli_epi16(w[v], 4), low);
            w[v] = _mm512_and_si512(w[v], low);
        }
        add_group(rows, w, x + 4 * g, sums);
        if (format != IQK_Q8_0) add_group(rows, upper, x + 4 * (g + stored), sums);
    }
}

IQK_INLINE __m512 sixteen_halves(const uint8_t *bytes) {
    return _mm512_cvtph_ps(_mm256_load_si256((const __m256i *)(const void *)bytes));
}

/// A run by the `rows` rows of a panel; `format` and `rows` are constants.
IQK_INLINE void tile(iqk_format format, int rows, const iqk_packed_job *job, int64_t run, const iqk_panel *place,
                     bool is_first) {
    const int64_t blocks = job->K / IQK_BLOCK;
    const uint8_t *scales = job->w + run * iqk_run_bytes(format, job->K);
    const uint8_t *q = scales + blocks * iqk_packed_scale_bytes(format);
    const char *x = job->panels + place->offset;
    const bool has_offset = iqk_format_has_offset(format);
    // The run is in a cache when the next panel comes. A branch around the prefetch would cost more than it saves.
    const int64_t ahead = is_first ? BYTES_AHEAD : 0;
    __m512 acc[IQK_PANEL][VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
        for (int v = 0; v < VECTORS; ++v) acc[r][v] = _mm512_setzero_ps();
    for (int64_t b = 0; b < blocks; ++b) {
        const char *row_scales = x + rows * IQK_BLOCK, *row_sums = row_scales + rows * 4;
        __m512i sums[IQK_PANEL][VECTORS];
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
            for (int v = 0; v < VECTORS; ++v)
                sums[r][v] = has_offset ? _mm512_setzero_si512() : _mm512_set1_epi32(load_i32(row_sums + 4 * r));
        add_block(format, rows, q, ahead, x, sums);
#pragma clang loop unroll(full)
        for (int v = 0; v < VECTORS; ++v) {
            const __m512 scale = sixteen_halves(scales + v * 2 * LANES);
            __m512 offset = _mm512_setzero_ps();
            if (has_offset) offset = sixteen_halves(scales + (VECTORS + v) * 2 * LANES);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; ++r) {
                const __m512 factor = _mm512_mul_ps(scale, _mm512_set1_ps(load_f32(row_scales + 4 * r)));
                acc[r][v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[r][v]), factor, acc[r][v]);
                if (has_offset)
                    acc[r][v] = _mm512_fmadd_ps(offset, _mm512_set1_ps(load_f32(row_sums + 4 * r)), acc[r][v]);
            }
        }
        scales += iqk_packed_scale_bytes(format);
        q += iqk_packed_block_bytes(format);
        x += rows * IQK_PANEL_BYTES;
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; ++v) {
        const int64_t n = run * IQK_INTEGER_RUN + v * LANES, left = job->N - n;
        const __mmask16 exist = left >= LANES ? 0xffff : left <= 0 ? 0 : (__mmask16)((1u << left) - 1);
        const __m512 bias = job->bias ? _mm512_maskz_loadu_ps(exist, job->bias + n) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) {
            const __m512 sum = job->bias ? _mm512_add_ps(acc[r][v], bias) : acc[r][v];
            _mm512_mask_storeu_ps(job->y + (place->first + r) * job->ldy + n, exist, sum);
        }
    }
}

IQK_INLINE void multiply(iqk_format format, const iqk_packed_job *job, int64_t first_run, int64_t last_run,
                         int64_t first_panel, int64_t last_panel) {
    for (int64_t run = first_run; run < last_run; ++run) {
        for (int64_t index = first_panel; index < last_panel; ++index) {
            const iqk_panel place = iqk_panel_at(job->T, job->K, index);
            const bool is_first = index == first_panel;
            switch (place.count) {
#define CASE(rows)                                                                                                     \
    case rows: tile(format, rows, job, run, &place, is_first); break;
                CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#undef CASE
            }
        }
    }
}

void iqk_packed_q8_0_vnni(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_panel,
                          int64_t last_panel) {
    multiply(IQK_Q8_0, job, first_run, last_run, first_panel, last_panel);
}

void iqk_packed_q4_0_vnni(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_panel,
                          int64_t last_panel) {
    multiply(IQK_Q4_0, job, first_run, last_run, first_panel, last_panel);
}

void iqk_packed_q4_1_vnni(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_panel,
                          int64_t last_panel) {
    multiply(IQK_Q4_1, job, first_run, last_run, first_panel, last_panel);
}

#pragma clang attribute pop

#endif
