// Products with packed words, AVX-512: a word of each row of x is broadcast to up to three runs of 16 weight rows. See packed.h.
// Included inside a target attribute by a file that has defined
//     multiply_add(acc, word, weights)
#ifndef IQK_X86_PACKED_WORDS_H
#define IQK_X86_PACKED_WORDS_H

#include <immintrin.h>

#include "../packed.h"
#include "inline.h"

/// 32 bits of a row, which may be memory of floats.
typedef uint32_t __attribute__((may_alias)) packed_word;

enum {
    LANES = 16,
    /// Rows of x and runs of weights of one tile.
    TILE_ROWS = 8,
    TILE_RUNS = 3,
    /// Up to this many rows of x, a tile has four runs, so that enough sums are formed at once.
    NARROW_ROWS = 2,
    NARROW_RUNS = 4,
    /// How far ahead memory is asked for.
    BYTES_AHEAD = 1024,
};

/// acc + the products of two words.
static inline __m512 multiply_add(__m512 acc, __m512i word, __m512i weights);

/// Rows t ..< t + rows of x by runs run ..< run + runs; `rows` and `runs` are constants.
IQK_INLINE void tile(const iqk_packed_job *job, int rows, int runs, int64_t run, int64_t t, bool is_first) {
    const int64_t words = iqk_words(job->format, job->K), step = words * LANES * 4, stride = job->stride * 4;
    const char *w = (const char *)job->w + run * step;
    // An address for every third row: eight would not leave enough registers, least of all with a frame pointer, and the
    // loop would wait for its own stack.
    const char *x0 = (const char *)job->words + t * stride, *x3 = x0 + 3 * stride, *x6 = x0 + 6 * stride;
    // The runs are in a cache when the next tile comes.
    const int64_t ahead = is_first ? BYTES_AHEAD : 0;
    __m512 acc[TILE_ROWS][NARROW_RUNS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r)
#pragma clang loop unroll(full)
        for (int v = 0; v < runs; ++v) acc[r][v] = _mm512_setzero_ps();
    for (int64_t k = 0; k < words; ++k) {
        __m512i weights[NARROW_RUNS];
#pragma clang loop unroll(full)
        for (int v = 0; v < runs; ++v) {
            if (rows < TILE_ROWS) _mm_prefetch(w + v * step + ahead, _MM_HINT_T0);
            weights[v] = _mm512_load_si512(w + v * step);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) {
            const char *at = (r < 3 ? x0 : r < 6 ? x3 : x6) + r % 3 * stride;
            const __m512i word = _mm512_set1_epi32((int32_t) * (const packed_word *)(const void *)at);
#pragma clang loop unroll(full)
            for (int v = 0; v < runs; ++v) acc[r][v] = multiply_add(acc[r][v], word, weights[v]);
        }
        w += LANES * 4;
        x0 += 4;
        x3 += 4;
        x6 += 4;
        // Keeps the compiler from making eight addresses of the three.
        __asm__("" : "+r"(x0), "+r"(x3), "+r"(x6));
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < runs; ++v) {
        const int64_t n = (run + v) * IQK_WORD_RUN, left = job->N - n;
        const __mmask16 exist = left >= IQK_WORD_RUN ? 0xffff : (__mmask16)((1u << left) - 1);
        const __m512 bias = job->bias ? _mm512_maskz_loadu_ps(exist, job->bias + n) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) {
            const __m512 sum = job->bias ? _mm512_add_ps(acc[r][v], bias) : acc[r][v];
            _mm512_mask_storeu_ps(job->y + (t + r) * job->ldy + n, exist, sum);
        }
    }
}

IQK_INLINE void tile_of_rows(const iqk_packed_job *job, int64_t rows, int runs, int64_t run, int64_t t,
                             bool is_first) {
    switch (rows) {
#define CASE(count)                                                                                                    \
    case count: tile(job, count, runs, run, t, is_first); break;
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
#undef CASE
    }
}

IQK_INLINE void multiply_words(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                               int64_t last_row) {
    const int64_t count = last_row - first_row;
    int64_t run = first_run;
    if (count <= NARROW_ROWS) {
        for (; run + NARROW_RUNS <= last_run; run += NARROW_RUNS) {
            if (count == 2) tile(job, 2, NARROW_RUNS, run, first_row, true);
            if (count == 1) tile(job, 1, NARROW_RUNS, run, first_row, true);
        }
    }
    const int64_t tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
    while (run < last_run) {
        const int64_t runs = last_run - run < TILE_RUNS ? last_run - run : TILE_RUNS;
        for (int64_t i = 0; i < tiles; ++i) {
            const int64_t t = first_row + count * i / tiles, rows = first_row + count * (i + 1) / tiles - t;
            if (runs == 3) tile_of_rows(job, rows, 3, run, t, i == 0);
            if (runs == 2) tile_of_rows(job, rows, 2, run, t, i == 0);
            if (runs == 1) tile_of_rows(job, rows, 1, run, t, i == 0);
        }
        run += runs;
    }
}

#endif
