// Weights in runs of rows, packed once for the products of inference: the layout, and one table of kernels per level.
//
// A run holds some rows of the matrix so that a vector has the same elements of 16 of them, lane r those of row r. Rows
// beyond the last one are zeros. Two families:
//
// - Words (f32, bf16). A word is 32 bits: one f32 number, or two bf16 numbers that follow each other along K. A run is
//   [words of K][16 rows]. Where K is odd, the last bf16 word has a zero.
// - Integers (q8_0, q4_0, q4_1), in the file's blocks of 32 along K. A run begins with the scales, [blocks][32 rows] f16
//   (q4_1: [blocks][32 scales, 32 minima]). The integers follow, made unsigned: of each block, [8 groups][32 rows][4 along K]
//   bytes, or half of that, where byte g * 128 + i holds group g in its low half and group g + 4 in its high half.
//
// One broadcast of four rounded activations (or of a word) meets whole vectors of weights then, and a run is one stream of
// memory. Every element of the result is one sum over K in order, whatever the other rows of x and the threads are.
#ifndef IQK_PACKED_H
#define IQK_PACKED_H

#include <stddef.h>

#include "formats.h"
#include "linear.h"

enum {
    /// Weight rows of a run of words, and of a run of integers.
    IQK_WORD_RUN = 16,
    IQK_INTEGER_RUN = 32,
    /// Groups of four elements along K in a block.
    IQK_GROUPS = IQK_BLOCK / 4,
    /// Most rows of x of one panel of rounded activations.
    IQK_PANEL = 6,
    /// Bytes of a panel for each of its rows and each block: 32 integers, their scale, and their sum in one of two forms.
    IQK_PANEL_BYTES = IQK_BLOCK + 2 * 4,
};

/// How the activations of a product are rounded.
typedef enum iqk_rounding {
    IQK_ROUNDING_NONE = 0,
    IQK_ROUNDING_BF16 = 1,
    IQK_ROUNDING_INTEGER = 2,
} iqk_rounding;

static inline bool iqk_packs_words(iqk_format format) { return format == IQK_F32 || format == IQK_BF16; }
static inline bool iqk_packs_integers(iqk_format format) {
    return format == IQK_Q8_0 || format == IQK_Q4_0 || format == IQK_Q4_1;
}

/// Weight rows of a run.
static inline int64_t iqk_run_rows(iqk_format format) { return iqk_packs_words(format) ? IQK_WORD_RUN : IQK_INTEGER_RUN; }

static inline iqk_rounding iqk_rounding_of_format(iqk_format format) {
    return format == IQK_F32 ? IQK_ROUNDING_NONE : format == IQK_BF16 ? IQK_ROUNDING_BF16 : IQK_ROUNDING_INTEGER;
}

/// What is added to the weights of an integer format where they are stored unsigned.
static inline int32_t iqk_packed_centre(iqk_format format) { return format == IQK_Q8_0 ? 128 : format == IQK_Q4_0 ? 8 : 0; }

/// Words along K.
static inline int64_t iqk_words(iqk_format format, int64_t K) { return format == IQK_BF16 ? (K + 1) / 2 : K; }

/// Bytes of one block's scales (and minima) in a run; whole cache lines.
static inline int64_t iqk_packed_scale_bytes(iqk_format format) {
    return (format == IQK_Q4_1 ? 4 : 2) * IQK_INTEGER_RUN;
}
/// Bytes of one block's integers in a run.
static inline int64_t iqk_packed_block_bytes(iqk_format format) {
    return format == IQK_Q8_0 ? IQK_BLOCK * IQK_INTEGER_RUN : IQK_BLOCK * IQK_INTEGER_RUN / 2;
}

/// Bytes of one run; whole cache lines.
static inline int64_t iqk_run_bytes(iqk_format format, int64_t K) {
    if (iqk_packs_words(format)) return iqk_words(format, K) * IQK_WORD_RUN * 4;
    return K / IQK_BLOCK * (iqk_packed_scale_bytes(format) + iqk_packed_block_bytes(format));
}

/// One product, as kernels see it.
typedef struct iqk_packed_job {
    const uint8_t *w;
    iqk_format format;
    const float *bias;
    float *y;
    int64_t ldy;
    int64_t N, K;
    /// Rows of x as words: `stride` words from one row to the next.
    const void *words;
    int64_t stride;
    /// Panels of rounded activations, see iqk_panel.
    const char *panels;
    /// All rows of x, which the panels divide.
    int64_t T;
} iqk_packed_job;

/// A panel of rounded activations is [blocks][IQK_PANEL_BYTES * rows]: the integers of each row, [rows][32], then the rows'
/// scales (f32), then what the sums of the integers are needed for: the correction for weights that were made unsigned (int32,
/// minus the sum times what was added), or the share of the weights' offset (f32, scale times sum). Panel i has rows
/// T * i / panels ..< T * (i + 1) / panels.
typedef struct iqk_panel {
    int64_t first, count;
    int64_t offset;
} iqk_panel;

static inline int64_t iqk_panel_count(int64_t T) { return (T + IQK_PANEL - 1) / IQK_PANEL; }

static inline iqk_panel iqk_panel_at(int64_t T, int64_t K, int64_t index) {
    const int64_t panels = iqk_panel_count(T), first = T * index / panels;
    return (iqk_panel){first, T * (index + 1) / panels - first, first * (K / IQK_BLOCK) * IQK_PANEL_BYTES};
}

/// Stores what belongs to a row of a block besides its integers, of which `sum` is the sum.
static inline void iqk_store_panel_sums(char *block, int64_t rows, int64_t row, float scale, int32_t sum, int32_t centre) {
    char *scales = block + rows * IQK_BLOCK + 4 * row, *sums = scales + 4 * rows;
    const float share = scale * (float)sum;
    const int32_t correction = -sum * centre;
    memcpy(scales, &scale, sizeof scale);
    if (centre == 0) {
        memcpy(sums, &share, sizeof share);
    } else {
        memcpy(sums, &correction, sizeof correction);
    }
}

/// Computes rows first_row ..< last_row of x (for integers: of panels first_row ..< last_row) by weight runs
/// first_run ..< last_run.
typedef void (*iqk_packed_multiply)(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                                    int64_t last_row);

/// The kernels of one level.
typedef struct iqk_packed_kernels {
    /// By format; NULL where this level does not pack.
    iqk_packed_multiply multiply[IQK_FORMAT_COUNT];
    /// Rounds the rows of a panel into it, for weights to which `centre` was added, or of a format with an offset (0).
    void (*round_panel)(const float *x, int64_t ldx, int64_t rows, int64_t K, int32_t centre, void *panel);
    /// Rounds K numbers to bf16.
    void (*round_bf16)(const float *x, uint16_t *y, int64_t K);
} iqk_packed_kernels;

extern const iqk_packed_kernels iqk_packed_kernels_portable;
#if defined(__x86_64__)
void iqk_round_panel_avx512(const float *x, int64_t ldx, int64_t rows, int64_t K, int32_t centre, void *panel);
/// Needs the bfloat16 instructions besides those of the level.
void iqk_round_bf16_avx512(const float *x, uint16_t *y, int64_t K);
void iqk_packed_f32_avx512(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                           int64_t last_row);
void iqk_packed_bf16_avx512(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                            int64_t last_row);
void iqk_packed_q8_0_vnni(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_panel,
                          int64_t last_panel);
void iqk_packed_q4_0_vnni(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_panel,
                          int64_t last_panel);
void iqk_packed_q4_1_vnni(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_panel,
                          int64_t last_panel);
#endif

#endif
