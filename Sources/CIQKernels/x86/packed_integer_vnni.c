// Integer products with packed weights, AVX-512 with VNNI: four activations of a row are broadcast to the 16 weight rows of a
// run. See packed.h.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))),       \
                             apply_to = function)

#include <immintrin.h>

#include "../packed.h"

#define IQK_INLINE static inline __attribute__((always_inline))

enum {
    /// Rows of x whose sums of one block are formed in turn, so that none waits for its own last product.
    INTERLEAVED = 4,
    /// How far ahead memory is asked for: the processor's own prefetcher stops at every page. Without it one core reads 16 GB/s
    /// instead of 35.
    BYTES_AHEAD = 8192,
};

/// The integers of one block of a run: [group][16 rows][4 along K].
IQK_INLINE void read_block(iqk_format format, const uint8_t *q, __m512i w[IQK_GROUPS]) {
    if (format == IQK_Q8_0) {
#pragma clang loop unroll(full)
        for (int g = 0; g < IQK_GROUPS; ++g) w[g] = _mm512_load_si512(q + 64 * g);
        return;
    }
    const __m512i low = _mm512_set1_epi8(15);
#pragma clang loop unroll(full)
    for (int g = 0; g < IQK_GROUPS / 2; ++g) {
        const __m512i both = _mm512_load_si512(q + 64 * g);
        w[g] = _mm512_and_si512(both, low);
        w[g + IQK_GROUPS / 2] = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
    }
}

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

/// A run by the `rows` rows of a panel; `format` and `rows` are constants.
IQK_INLINE void tile(iqk_format format, int rows, const iqk_packed_job *job, int64_t run, const iqk_panel *place,
                     bool is_first) {
    const int64_t blocks = job->K / IQK_BLOCK;
    const uint8_t *scales = job->w + run * iqk_run_bytes(format, job->K);
    const uint8_t *q = scales + iqk_packed_integers(format, blocks);
    const char *x = job->panels + place->offset;
    const bool has_offset = iqk_format_has_offset(format);
    // The run is in the cache when the next panel comes. A branch around the loop below would cost more than it saves.
    const int64_t ahead = is_first ? BYTES_AHEAD : 0;
    __m512 acc[IQK_PANEL];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) acc[r] = _mm512_setzero_ps();
    for (int64_t b = 0; b < blocks; ++b) {
#pragma clang loop unroll(full)
        for (int64_t line = 0; line < iqk_packed_block_bytes(format); line += 64)
            _mm_prefetch((const char *)q + ahead + line, _MM_HINT_T0);
        __m512i w[IQK_GROUPS];
        read_block(format, q, w);
        const __m512 scale = _mm512_cvtph_ps(_mm256_load_si256((const __m256i *)(const void *)scales));
        __m512 offset = _mm512_setzero_ps();
        if (has_offset) offset = _mm512_cvtph_ps(_mm256_load_si256((const __m256i *)(const void *)(scales + 32)));
        const char *row_scales = x + rows * IQK_BLOCK, *row_sums = row_scales + rows * 4;
#pragma clang loop unroll(full)
        for (int start = 0; start < rows; start += INTERLEAVED) {
            const int count = rows - start < INTERLEAVED ? rows - start : INTERLEAVED;
            __m512i sums[INTERLEAVED];
#pragma clang loop unroll(full)
            for (int i = 0; i < count; ++i)
                sums[i] = has_offset ? _mm512_setzero_si512() : _mm512_set1_epi32(load_i32(row_sums + 4 * (start + i)));
#pragma clang loop unroll(full)
            for (int g = 0; g < IQK_GROUPS; ++g)
#pragma clang loop unroll(full)
                for (int i = 0; i < count; ++i)
                    sums[i] = _mm512_dpbusd_epi32(
                        sums[i], w[g], _mm512_set1_epi32(load_i32(x + (start + i) * IQK_BLOCK + 4 * g)));
#pragma clang loop unroll(full)
            for (int i = 0; i < count; ++i) {
                const __m512 factor = _mm512_mul_ps(scale, _mm512_set1_ps(load_f32(row_scales + 4 * (start + i))));
                acc[start + i] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[i]), factor, acc[start + i]);
                if (has_offset)
                    acc[start + i] = _mm512_fmadd_ps(
                        offset, _mm512_set1_ps(load_f32(row_sums + 4 * (start + i))), acc[start + i]);
            }
        }
        scales += iqk_packed_scale_bytes(format);
        q += iqk_packed_block_bytes(format);
        x += rows * IQK_PANEL_BYTES;
    }
    const int64_t n = run * IQK_RUN, left = job->N - n;
    const __mmask16 exist = left >= IQK_RUN ? 0xffff : (__mmask16)((1u << left) - 1);
    const __m512 bias = job->bias ? _mm512_maskz_loadu_ps(exist, job->bias + n) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) {
        const __m512 sum = job->bias ? _mm512_add_ps(acc[r], bias) : acc[r];
        _mm512_mask_storeu_ps(job->y + (place->first + r) * job->ldy + n, exist, sum);
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
                CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
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
