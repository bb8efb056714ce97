// The general matrix product in AVX-512, for f32, for bfloat16 and for f32 rounded to it: blocks, tiles and loops.
//
// Operands are seen as words of 32 bits: one f32 number, or two bfloat16 numbers that follow each other along K. A block of
// op(b) is copied into panels of up to 48 columns, in which the words of one depth lie side by side, and stays in the
// second cache. Rows of op(a) are read in place where they are stored as words, else copied. A tile of 8 rows by 48 columns
// of the result is summed in registers: a word of each row is broadcast and multiplied with three vectors of the panel.
// (The scheme is that of K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008.)
//
// Each element of the result is one sum over K in order, cut at places that depend on K alone: it is the same number
// whatever the other sizes, the tile and the number of threads are.
//
// The including file gives, before: DEPTH_STEP and COPIES_ALL (operands must be changed while they are copied), and behind:
// multiply_add and the two functions that copy operands; see below.
#ifndef IQK_X86_GEMM_TILES_H
#define IQK_X86_GEMM_TILES_H

#include <immintrin.h>
#include <stdint.h>

#include "../gemm.h"

/// 32 bits of an operand, which may be memory of floats.
typedef uint32_t __attribute__((may_alias)) gemm_word;

#define IQK_GEMM_INLINE static inline __attribute__((always_inline))

enum {
    LANES = 16,
    TILE_ROWS = 8,
    /// Vectors of one panel.
    TILE_VECTORS = 3,
    TILE_COLUMNS = TILE_VECTORS * LANES,
    /// Words of K that are multiplied before the next ones.
    DEPTH_LIMIT = 384,
    /// Rows of op(a) that are copied at once.
    ROW_LIMIT = 128,
    /// Up to this many rows or columns of the result, copying op(b) costs more than it saves where it is stored as panels
    /// are: words of one depth side by side.
    IN_PLACE_LIMIT = 64,
    /// How many words of K ahead memory is asked for while op(b) is copied.
    DEPTHS_AHEAD = 8,
    /// Words of a block of op(b): 448 KiB of a second cache of 1 MiB.
    PANEL_WORDS = 112 * 1024,
};

/// A part of an operand: `count` rows of op(a) or columns of op(b), and `depth` words of K.
typedef struct operand_block {
    const char *start;
    /// Bytes between two rows of the memory.
    int64_t stride;
    int64_t count;
    int64_t depth;
    /// Elements of K from the start of the block to the end of the operand; there are zeros beyond.
    int64_t elements;
    bool is_rounded;
} operand_block;

IQK_GEMM_INLINE __mmask16 first_lanes(int64_t count) {
    return count >= LANES ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}

/// Exchanges rows and columns of 16 by 16 words.
IQK_GEMM_INLINE void transpose_words(__m512i x[LANES]) {
    __m512i y[LANES];
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES; i += 4) {
        const __m512i ab_low = _mm512_unpacklo_epi32(x[i], x[i + 1]), ab_high = _mm512_unpackhi_epi32(x[i], x[i + 1]);
        const __m512i cd_low = _mm512_unpacklo_epi32(x[i + 2], x[i + 3]);
        const __m512i cd_high = _mm512_unpackhi_epi32(x[i + 2], x[i + 3]);
        y[i] = _mm512_unpacklo_epi64(ab_low, cd_low);
        y[i + 1] = _mm512_unpackhi_epi64(ab_low, cd_low);
        y[i + 2] = _mm512_unpacklo_epi64(ab_high, cd_high);
        y[i + 3] = _mm512_unpackhi_epi64(ab_high, cd_high);
    }
    // y[4 * i + j] holds column 4 * q + j of rows 4 * i ..< 4 * i + 4 in quarter q.
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; ++j) {
        const __m512i low01 = _mm512_shuffle_i32x4(y[j], y[4 + j], 0x44);
        const __m512i high01 = _mm512_shuffle_i32x4(y[j], y[4 + j], 0xee);
        const __m512i low23 = _mm512_shuffle_i32x4(y[8 + j], y[12 + j], 0x44);
        const __m512i high23 = _mm512_shuffle_i32x4(y[8 + j], y[12 + j], 0xee);
        x[j] = _mm512_shuffle_i32x4(low01, low23, 0x88);
        x[4 + j] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
        x[8 + j] = _mm512_shuffle_i32x4(high01, high23, 0x88);
        x[12 + j] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
    }
}

/// Columns of the panel whose vectors begin at `vector`, of a block of `vectors` vectors: three at a time, but two and two
/// rather than three and one.
IQK_GEMM_INLINE int panel_vectors(int64_t vector, int64_t vectors) {
    const int64_t left = vectors - vector;
    return left == 4 ? 2 : left < TILE_VECTORS ? (int)left : TILE_VECTORS;
}

/// Where the word of lane 0, depth 0 of a vector of a block lies, and how many words lie between two depths.
typedef struct panel_place {
    int64_t offset, step;
} panel_place;

IQK_GEMM_INLINE panel_place place_of(int64_t vector, int64_t vectors, int64_t depth) {
    // Only the last panels are not whole, and two panels of two vectors may be among them.
    int64_t start = vector / TILE_VECTORS * TILE_VECTORS;
    int width = panel_vectors(start, vectors);
    if (vectors % TILE_VECTORS == 1 && vectors > 1 && vector >= vectors - 4) {
        start = vector >= vectors - 2 ? vectors - 2 : vectors - 4;
        width = 2;
    }
    return (panel_place){start * LANES * depth + (vector - start) * LANES, width * LANES};
}

// MARK: Copies, by word

// `is_rounded` is the block's, given apart so that each form of a copy is compiled for itself.

/// 16 words along K of one row that is stored along K, from word `depth` on.
static inline __m512i words_along_depth(const operand_block *block, const char *row, int64_t depth, bool is_rounded);
/// The words of one depth of 16 rows or columns that lie side by side, of which `lanes` exist.
static inline __m512i words_across(const operand_block *block, int64_t depth, int64_t index, __mmask16 lanes,
                                   bool is_rounded);

/// Bytes of an element.
IQK_GEMM_INLINE int64_t size_of_element(bool is_rounded) { return is_rounded ? 2 : 4; }

/// Asks for 16 words along K of a row, from word `depth` on.
IQK_GEMM_INLINE void prefetch_words(const char *row, int64_t depth, bool is_rounded) {
    const int64_t bytes = DEPTH_STEP * size_of_element(is_rounded);
#pragma clang loop unroll(full)
    for (int64_t line = 0; line < LANES * bytes; line += 64) __builtin_prefetch(row + depth * bytes + line);
}

/// Copies op(b), stored along its columns' numbers, into panels.
IQK_GEMM_INLINE void pack_panels_of(const operand_block *block, gemm_word *panels, bool is_rounded) {
    const int64_t vectors = (block->count + LANES - 1) / LANES;
    for (int64_t depth = 0; depth < block->depth; ++depth) {
        for (int64_t start = 0; start < vectors;) {
            const int width = panel_vectors(start, vectors);
            gemm_word *target = panels + start * LANES * block->depth + depth * width * LANES;
            for (int v = 0; v < width; ++v) {
                const int64_t column = (start + v) * LANES;
                const char *ahead = block->start + column * size_of_element(is_rounded)
                    + (depth + DEPTHS_AHEAD) * DEPTH_STEP * block->stride;
#pragma clang loop unroll(full)
                for (int k = 0; k < DEPTH_STEP; ++k) __builtin_prefetch(ahead + k * block->stride);
                const __mmask16 lanes = first_lanes(block->count - column);
                const __m512i words = words_across(block, depth, column, lanes, is_rounded);
                _mm512_store_si512(target + v * LANES, words);
            }
            start += width;
        }
    }
}

/// Copies op(b), stored along K, into panels.
IQK_GEMM_INLINE void pack_panels_transposed_of(const operand_block *block, gemm_word *panels, bool is_rounded) {
    const int64_t vectors = (block->count + LANES - 1) / LANES;
    for (int64_t vector = 0; vector < vectors; ++vector) {
        const panel_place place = place_of(vector, vectors, block->depth);
        for (int64_t depth = 0; depth < block->depth; depth += LANES) {
            __m512i x[LANES];
#pragma clang loop unroll(full)
            for (int i = 0; i < LANES; ++i) {
                const int64_t column = vector * LANES + i;
                const char *row = block->start + column * block->stride;
                // The rows that come next: there are too many at once for the processor to see where they go.
                prefetch_words(row + LANES * block->stride, depth, is_rounded);
                x[i] = column < block->count ? words_along_depth(block, row, depth, is_rounded) : _mm512_setzero_si512();
            }
            transpose_words(x);
            gemm_word *target = panels + place.offset + depth * place.step;
            const int64_t left = block->depth - depth;
#pragma clang loop unroll(full)
            for (int i = 0; i < LANES; ++i) {
                if (i < left) _mm512_store_si512(target + i * place.step, x[i]);
            }
        }
    }
}

/// Copies op(a), stored along K, as rows of `row_words` words.
IQK_GEMM_INLINE void pack_rows_of(const operand_block *block, gemm_word *rows, int64_t row_words, bool is_rounded) {
    for (int64_t row = 0; row < block->count; ++row) {
        const char *source = block->start + row * block->stride;
        for (int64_t depth = 0; depth < block->depth; depth += LANES) {
            prefetch_words(source + block->stride, depth, is_rounded);
            _mm512_store_si512(rows + row * row_words + depth, words_along_depth(block, source, depth, is_rounded));
        }
    }
}

/// Copies op(a), stored along its rows' numbers, as rows of `row_words` words.
IQK_GEMM_INLINE void pack_rows_transposed_of(const operand_block *block, gemm_word *rows, int64_t row_words,
                                             bool is_rounded) {
    for (int64_t depth = 0; depth < block->depth; depth += LANES) {
        for (int64_t row = 0; row < block->count; row += LANES) {
            __m512i x[LANES];
#pragma clang loop unroll(full)
            for (int i = 0; i < LANES; ++i) {
                const char *ahead = block->start + row * size_of_element(is_rounded)
                    + (depth + i + LANES) * DEPTH_STEP * block->stride;
#pragma clang loop unroll(full)
                for (int k = 0; k < DEPTH_STEP; ++k) __builtin_prefetch(ahead + k * block->stride);
                x[i] = words_across(block, depth + i, row, first_lanes(block->count - row), is_rounded);
            }
            transpose_words(x);
            const int64_t left = block->count - row;
#pragma clang loop unroll(full)
            for (int i = 0; i < LANES; ++i) {
                if (i < left) _mm512_store_si512(rows + (row + i) * row_words + depth, x[i]);
            }
        }
    }
}

static void pack_columns(const operand_block *block, gemm_word *panels, bool transposed) {
    if (block->is_rounded) {
        transposed ? pack_panels_transposed_of(block, panels, true) : pack_panels_of(block, panels, true);
    } else {
        transposed ? pack_panels_transposed_of(block, panels, false) : pack_panels_of(block, panels, false);
    }
}

static void pack_rows(const operand_block *block, gemm_word *rows, int64_t row_words, bool transposed) {
    if (block->is_rounded) {
        transposed ? pack_rows_transposed_of(block, rows, row_words, true) : pack_rows_of(block, rows, row_words, true);
    } else {
        transposed ? pack_rows_transposed_of(block, rows, row_words, false) : pack_rows_of(block, rows, row_words, false);
    }
}

// MARK: Tiles

/// A tile of the result: rows of op(a), `a_stride` words apart, times a panel whose depths are `b_step` words apart. `last`
/// are the lanes of the last vector that exist.
typedef struct tile_job {
    int64_t depth;
    const gemm_word *a;
    int64_t a_stride;
    const gemm_word *b;
    int64_t b_step;
    float alpha, beta;
    float *c;
    int64_t ldc;
    __mmask16 last;
} tile_job;

/// acc + the products of two words.
static inline __m512 multiply_add(__m512 acc, __m512i a, __m512i b);

IQK_GEMM_INLINE void multiply_tile(const tile_job *tile, int rows, int vectors) {
    __m512 acc[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; ++v) {
            acc[r][v] = _mm512_setzero_ps();
            __builtin_prefetch(tile->c + r * tile->ldc + v * LANES, 1);
        }
    }
    const gemm_word *a[TILE_ROWS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) a[r] = tile->a + r * tile->a_stride;
    const gemm_word *b = tile->b;
    const int64_t depth = tile->depth, step = tile->b_step;
    const __mmask16 last = tile->last;
#pragma clang loop unroll_count(2)
    for (int64_t k = 0; k < depth; ++k, b += step) {
        __m512i panel[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; ++v) {
            panel[v] = v + 1 < vectors ? _mm512_loadu_si512(b + v * LANES)
                                       : _mm512_maskz_loadu_epi32(last, b + v * LANES);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; ++r) {
            const __m512i word = _mm512_set1_epi32((int32_t)a[r][k]);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; ++v) acc[r][v] = multiply_add(acc[r][v], word, panel[v]);
        }
    }
    // Copies, as the stores below might change the structure for all the compiler knows.
    float *const result = tile->c;
    const int64_t ldc = tile->ldc;
    const bool adds = tile->beta != 0;
    const __m512 alpha = _mm512_set1_ps(tile->alpha), beta = _mm512_set1_ps(tile->beta);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; ++r) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; ++v) {
            float *c = result + r * ldc + v * LANES;
            const __mmask16 lanes = v + 1 < vectors ? 0xffff : last;
            __m512 sum = _mm512_mul_ps(alpha, acc[r][v]);
            if (adds) sum = _mm512_fmadd_ps(beta, _mm512_maskz_loadu_ps(lanes, c), sum);
            _mm512_mask_storeu_ps(c, lanes, sum);
        }
    }
}

#define IQK_GEMM_TILE(rows, vectors)                                                                                   \
    static void tile_##rows##_##vectors(const tile_job *tile) { multiply_tile(tile, rows, vectors); }
#define IQK_GEMM_TILES(rows) IQK_GEMM_TILE(rows, 1) IQK_GEMM_TILE(rows, 2) IQK_GEMM_TILE(rows, 3)
IQK_GEMM_TILES(1)
IQK_GEMM_TILES(2)
IQK_GEMM_TILES(3)
IQK_GEMM_TILES(4)
IQK_GEMM_TILES(5)
IQK_GEMM_TILES(6)
IQK_GEMM_TILES(7)
IQK_GEMM_TILES(8)

#define IQK_GEMM_ROW(rows) {tile_##rows##_1, tile_##rows##_2, tile_##rows##_3}
static void (*const tiles[TILE_ROWS][TILE_VECTORS])(const tile_job *) = {
    IQK_GEMM_ROW(1), IQK_GEMM_ROW(2), IQK_GEMM_ROW(3), IQK_GEMM_ROW(4),
    IQK_GEMM_ROW(5), IQK_GEMM_ROW(6), IQK_GEMM_ROW(7), IQK_GEMM_ROW(8),
};

// MARK: Blocks

static inline int64_t smaller_of(int64_t a, int64_t b) { return a < b ? a : b; }

static inline int64_t rounded_up(int64_t count, int64_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

/// The size of equal parts of at most `limit`, each but the last a multiple of `multiple`.
static inline int64_t even_part(int64_t extent, int64_t limit, int64_t multiple) {
    const int64_t parts = (extent + limit - 1) / limit;
    return rounded_up((extent + parts - 1) / parts, multiple);
}

/// Asks for words from ..< to of `rows` rows.
IQK_GEMM_INLINE void prefetch_rows(const gemm_word *words, int64_t stride, int64_t rows, int64_t from, int64_t to) {
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t k = from; k < to; k += LANES) __builtin_prefetch(words + row * stride + k);
    }
}

/// The columns of a block of op(b): copied into panels, or where they are stored.
typedef struct panels_place {
    const gemm_word *start;
    bool in_place;
} panels_place;

/// Rows m ..< m + rows of the result by the panels of columns n ..< n + columns.
static void multiply_rows(const iqk_gemm_job *job, tile_job *tile, const gemm_word *a, const panels_place *panels,
                          int64_t m, int64_t rows, int64_t n, int64_t columns) {
    const int64_t vectors = (columns + LANES - 1) / LANES;
    for (int64_t row = 0; row < rows;) {
        const int64_t left = rows - row;
        // Nine rows are five and four, not eight and one: the fewer rows, the more loads for a multiplication.
        const int64_t height = left <= TILE_ROWS ? left : left < 2 * TILE_ROWS ? (left + 1) / 2 : TILE_ROWS;
        tile->a = a + row * tile->a_stride;
        for (int64_t vector = 0; vector < vectors;) {
            const int width = panel_vectors(vector, vectors);
            // Each panel asks for a part of the next rows.
            if (vectors > TILE_VECTORS) {
                prefetch_rows(tile->a + height * tile->a_stride, tile->a_stride, smaller_of(left - height, TILE_ROWS),
                              vector * tile->depth / vectors, (vector + width) * tile->depth / vectors);
            }
            tile->b = panels->start + vector * LANES * (panels->in_place ? 1 : tile->depth);
            tile->b_step = panels->in_place ? job->b.stride : width * LANES;
            tile->c = job->c + (m + row) * job->ldc + n + vector * LANES;
            tile->last = first_lanes(columns - (vector + width - 1) * LANES);
            tiles[height - 1][width - 1](tile);
            vector += width;
        }
        row += height;
    }
}

static operand_block block_of(const iqk_operand *part, int64_t count, int64_t depth, int64_t elements) {
    return (operand_block){part->start, part->stride * size_of_element(part->is_rounded), count, depth, elements,
                           part->is_rounded};
}

/// Whether rows of op(a) are stored as words.
static bool has_words(const iqk_operand *a, int64_t K) {
    if (a->transposed || COPIES_ALL) return false;
    // Of words that lie a multiple of 1 KiB apart, see below.
    return DEPTH_STEP == 1 || (a->is_rounded && a->stride % 2 == 0 && K % 2 == 0 && a->stride % 512 != 0);
}

static void multiply_blocks(const iqk_gemm_job *job, void *scratch) {
    gemm_word *panels = scratch, *copied_rows = panels + PANEL_WORDS;
    const int64_t words = (job->K + DEPTH_STEP - 1) / DEPTH_STEP;
    const int64_t depth_part = even_part(words, DEPTH_LIMIT, LANES);
    const int64_t column_limit = PANEL_WORDS / depth_part / TILE_COLUMNS * TILE_COLUMNS;
    const int64_t column_part = even_part(job->N, column_limit, TILE_COLUMNS);
    const int64_t row_part = even_part(job->M, ROW_LIMIT, TILE_ROWS);
    const bool rows_in_place = has_words(&job->a, job->K);
    // Words that lie a multiple of 1 KiB apart fall on few places of the caches and drive each other out.
    const bool columns_in_place = DEPTH_STEP == 1 && !COPIES_ALL && !job->b.transposed
        && (job->M <= IN_PLACE_LIMIT || (job->N <= IN_PLACE_LIMIT && job->b.stride % 256 != 0));
    for (int64_t n = 0; n < job->N; n += column_part) {
        const int64_t columns = smaller_of(job->N - n, column_part);
        for (int64_t first = 0; first < words; first += depth_part) {
            const int64_t k = first * DEPTH_STEP, depth = smaller_of(words - first, depth_part);
            tile_job tile = {
                .depth = depth, .alpha = job->alpha, .beta = first == 0 ? job->beta : 1, .ldc = job->ldc,
            };
            const iqk_operand right = iqk_operand_part(job->b, k, n);
            const operand_block b = block_of(&right, columns, depth, job->K - k);
            panels_place place = {panels, columns_in_place};
            if (columns_in_place) {
                place.start = right.start;
            } else {
                pack_columns(&b, panels, right.transposed);
            }
            if (rows_in_place) {
                tile.a_stride = job->a.stride / DEPTH_STEP;
                multiply_rows(job, &tile, iqk_operand_part(job->a, 0, k).start, &place, 0, job->M, n, columns);
                continue;
            }
            tile.a_stride = rounded_up(depth, LANES);
            for (int64_t m = 0; m < job->M; m += row_part) {
                const int64_t rows = smaller_of(job->M - m, row_part);
                const iqk_operand left = iqk_operand_part(job->a, m, k);
                const operand_block a = block_of(&left, rows, depth, job->K - k);
                pack_rows(&a, copied_rows, tile.a_stride, left.transposed);
                multiply_rows(job, &tile, copied_rows, &place, m, rows, n, columns);
            }
        }
    }
}

enum { GEMM_SCRATCH_BYTES = 4 * (PANEL_WORDS + ROW_LIMIT * DEPTH_LIMIT) };

#endif
