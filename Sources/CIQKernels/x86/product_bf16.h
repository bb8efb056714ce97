// Products of small matrices that lie in the cache, with operands rounded to bfloat16 on the way, AVX-512 with its
// bfloat16 instructions. What `v_multiply` of vector/product.h does in f32.
//
// A block of both operands is copied to the stack as words, two bfloat16 numbers that follow each other along K.
#ifndef IQK_X86_PRODUCT_BF16_H
#define IQK_X86_PRODUCT_BF16_H

#include "../vector/product_description.h"

typedef uint32_t __attribute__((may_alias)) product_word;

enum {
    /// Rows of a, columns of b and words of K that are copied at once: 16 KiB each.
    PRODUCT_ROWS = 64,
    PRODUCT_COLUMNS = 64,
    PRODUCT_WORDS = 64,
    /// Rows of a tile whose sums stay in registers, and of one for one or two vectors of columns.
    PRODUCT_TILE = 6,
    PRODUCT_TALL_TILE = 12,
};

static inline __mmask16 product_lanes(int64_t count) {
    return count >= V_WIDTH ? 0xffff : count <= 0 ? 0 : v_first(count);
}

/// Words of two rows, lane by lane: the low half is the even row's number.
static inline __m512i product_words(__m512 even, __m512 odd) {
    const __m512i order = _mm512_or_si512(
        _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
        _mm512_slli_epi32(_mm512_set_epi32(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16), 16));
    return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

/// words[k / 2][column] of `depth` rows of `columns` numbers; whole vectors are written, zeros where nothing is.
static void product_copy_across(const float *from, int64_t ld, int64_t depth, int64_t columns, product_word *words) {
    for (int64_t k = 0; k < depth; k += 2) {
        const float *even = from + k * ld;
        for (int64_t n = 0; n < columns; n += V_WIDTH) {
            const __mmask16 lanes = product_lanes(columns - n);
            const __m512 low = _mm512_maskz_loadu_ps(lanes, even + n);
            const __m512 high = _mm512_maskz_loadu_ps(k + 1 < depth ? lanes : 0, even + ld + n);
            _mm512_store_si512(words + k / 2 * PRODUCT_COLUMNS + n, product_words(low, high));
        }
    }
}

/// words[row][k / 2] of rows of `depth` numbers.
static void product_copy_along(const float *from, int64_t ld, int64_t rows, int64_t depth, product_word *words) {
    for (int64_t m = 0; m < rows; m++) {
        const float *row = from + m * ld;
        for (int64_t k = 0; k < depth; k += 2 * V_WIDTH) {
            const __m512 low = _mm512_maskz_loadu_ps(product_lanes(depth - k), row + k);
            const __m512 high = _mm512_maskz_loadu_ps(product_lanes(depth - k - V_WIDTH), row + k + V_WIDTH);
            _mm512_store_si512(words + m * PRODUCT_WORDS + k / 2, (__m512i)_mm512_cvtne2ps_pbh(high, low));
        }
    }
}

/// Word k of row m of a is a[m * a_row + k * a_step]; b has a row of PRODUCT_COLUMNS words for each k.
typedef struct product_tile {
    int64_t words;
    const product_word *a;
    int64_t a_row, a_step;
    const product_word *b;
    float *c;
    int64_t ldc;
    /// Columns of the last vector that exist.
    __mmask16 last;
    bool adds;
} product_tile;

/// Called with constants, so that the loops unroll and the sums stay in registers.
static inline __attribute__((always_inline)) void product_multiply_tile(const product_tile *tile, int rows, int vectors) {
    __m512 sums[PRODUCT_TALL_TILE][V_PRODUCT_VECTORS];
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sums[row][v] = _mm512_setzero_ps();
    }
    const product_word *a = tile->a, *b = tile->b;
    const int64_t a_row = tile->a_row, a_step = tile->a_step, words = tile->words;
    for (int64_t k = 0; k < words; k++, a += a_step, b += PRODUCT_COLUMNS) {
        __m512i line[V_PRODUCT_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) line[v] = _mm512_load_si512(b + v * V_WIDTH);
#pragma clang loop unroll(full)
        for (int row = 0; row < rows; row++) {
            const __m512i word = _mm512_set1_epi32((int32_t)a[row * a_row]);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) {
                sums[row][v] = _mm512_dpbf16_ps(sums[row][v], (__m512bh)word, (__m512bh)line[v]);
            }
        }
    }
    float *const result = tile->c;
    const int64_t ldc = tile->ldc;
    const __mmask16 last = tile->last;
    const bool adds = tile->adds;
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            float *c = result + row * ldc + v * V_WIDTH;
            const __mmask16 lanes = v + 1 < vectors ? 0xffff : last;
            __m512 sum = sums[row][v];
            if (adds) sum = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, c), sum);
            _mm512_mask_storeu_ps(c, lanes, sum);
        }
    }
}

static inline __attribute__((always_inline)) void product_multiply_rows(product_tile *tile, int64_t rows, int height,
                                                                        int vectors) {
    const product_word *const a = tile->a;
    float *const c = tile->c;
    int64_t m = 0;
    for (; m + height <= rows; m += height) {
        tile->a = a + m * tile->a_row;
        tile->c = c + m * tile->ldc;
        product_multiply_tile(tile, height, vectors);
    }
    for (; m + 2 <= rows; m += 2) {
        tile->a = a + m * tile->a_row;
        tile->c = c + m * tile->ldc;
        product_multiply_tile(tile, 2, vectors);
    }
    tile->a = a + m * tile->a_row;
    tile->c = c + m * tile->ldc;
    if (m < rows) product_multiply_tile(tile, 1, vectors);
}

/// As v_multiply, for operands of which each row of numbers is contiguous: a_row or a_step is 1.
static void v_multiply_rounded(const v_product *p) {
    product_word a_words[PRODUCT_ROWS * PRODUCT_WORDS] __attribute__((aligned(64)));
    product_word b_words[PRODUCT_WORDS * PRODUCT_COLUMNS] __attribute__((aligned(64)));
    for (int64_t k = 0; k < p->K; k += 2 * PRODUCT_WORDS) {
        const int64_t depth = p->K - k < 2 * PRODUCT_WORDS ? p->K - k : 2 * PRODUCT_WORDS;
        for (int64_t m = 0; m < p->M; m += PRODUCT_ROWS) {
            const int64_t rows = p->M - m < PRODUCT_ROWS ? p->M - m : PRODUCT_ROWS;
            const float *a = p->a + m * p->a_row + k * p->a_step;
            if (p->a_step == 1) {
                product_copy_along(a, p->a_row, rows, depth, a_words);
            } else {
                product_copy_across(a, p->a_step, depth, rows, a_words);
            }
            for (int64_t n = 0; n < p->N; n += PRODUCT_COLUMNS) {
                const int64_t columns = p->N - n < PRODUCT_COLUMNS ? p->N - n : PRODUCT_COLUMNS;
                product_copy_across(p->b + k * p->ldb + n, p->ldb, depth, columns, b_words);
                const int64_t vectors = (columns + V_WIDTH - 1) / V_WIDTH;
                product_tile tile = {
                    .words = (depth + 1) / 2, .a = a_words, .a_row = p->a_step == 1 ? PRODUCT_WORDS : 1,
                    .a_step = p->a_step == 1 ? 1 : PRODUCT_COLUMNS, .b = b_words, .c = p->c + m * p->ldc + n,
                    .ldc = p->ldc, .last = product_lanes(columns - (vectors - 1) * V_WIDTH), .adds = p->adds || k > 0,
                };
                switch (vectors) {
                case 1: product_multiply_rows(&tile, rows, PRODUCT_TALL_TILE, 1); break;
                case 2: product_multiply_rows(&tile, rows, PRODUCT_TALL_TILE, 2); break;
                case 3: product_multiply_rows(&tile, rows, PRODUCT_TILE, 3); break;
                default: product_multiply_rows(&tile, rows, PRODUCT_TILE, 4); break;
                }
            }
        }
    }
}

#endif
