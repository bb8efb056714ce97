// How the products of one x86 level go over rows of x and rows of weights. Included, inside a target attribute, by a file
// that has defined TILE_ROWS, TILE_TOKENS, FUSED_TOKENS, FUSED_LIMIT and
//     tile(job, format, w, row_bytes, rows, tokens, n, t)
// which multiplies `rows` weight rows, from `w` on, by `tokens` rows of x, and writes y[t ..., n ...].
#ifndef IQK_LINEAR_TILES_H
#define IQK_LINEAR_TILES_H

/// Calls `tile` with a number of tokens that the compiler knows.
IQK_INLINE void tile_of_tokens(const iqk_linear_job *job, iqk_format format, const uint8_t *w, int64_t row_bytes,
                               int rows, int64_t tokens, int64_t n, int64_t t) {
    const int largest = format == IQK_F32 ? TILE_TOKENS : FUSED_TOKENS;
    switch (tokens) {
    case 1: tile(job, format, w, row_bytes, rows, 1, n, t); break;
    case 2:
        if (largest >= 2) tile(job, format, w, row_bytes, rows, 2, n, t);
        break;
    case 3:
        if (largest >= 3) tile(job, format, w, row_bytes, rows, 3, n, t);
        break;
    case 4:
        if (largest >= 4) tile(job, format, w, row_bytes, rows, 4, n, t);
        break;
    case 5:
        if (largest >= 5) tile(job, format, w, row_bytes, rows, 5, n, t);
        break;
    case 6:
        if (largest >= 6) tile(job, format, w, row_bytes, rows, 6, n, t);
        break;
    }
}

/// All rows of x by weight rows n ..< n + rows, in tiles of nearly equal size.
IQK_INLINE void all_tokens(const iqk_linear_job *job, iqk_format format, const uint8_t *w, int64_t row_bytes, int rows,
                           int64_t n) {
    const int64_t largest = format == IQK_F32 ? TILE_TOKENS : FUSED_TOKENS;
    const int64_t tiles = (job->T + largest - 1) / largest;
    for (int64_t i = 0; i < tiles; ++i) {
        const int64_t t = job->T * i / tiles;
        tile_of_tokens(job, format, w, row_bytes, rows, job->T * (i + 1) / tiles - t, n, t);
    }
}

IQK_INLINE void fused(const iqk_linear_job *job, iqk_format format, int64_t first, int64_t last) {
    int64_t n = first;
    for (; n + TILE_ROWS <= last; n += TILE_ROWS)
        all_tokens(job, format, job->w + n * job->row_bytes, job->row_bytes, TILE_ROWS, n);
    for (; n < last; ++n) all_tokens(job, format, job->w + n * job->row_bytes, job->row_bytes, 1, n);
}

#define FUSED(name, format)                                                                                            \
    static void name(const iqk_linear_job *job, int64_t first, int64_t last) { fused(job, format, first, last); }
FUSED(fused_f32, IQK_F32)
FUSED(fused_f16, IQK_F16)
FUSED(fused_bf16, IQK_BF16)
FUSED(fused_q8_0, IQK_Q8_0)
FUSED(fused_q4_0, IQK_Q4_0)
FUSED(fused_q4_1, IQK_Q4_1)
FUSED(fused_q5_0, IQK_Q5_0)
FUSED(fused_q5_1, IQK_Q5_1)
FUSED(fused_q4_k, IQK_Q4_K)
FUSED(fused_q5_k, IQK_Q5_K)
FUSED(fused_q6_k, IQK_Q6_K)

static void (*const fused_by_format[IQK_FORMAT_COUNT])(const iqk_linear_job *, int64_t, int64_t) = {
    [IQK_F32] = fused_f32,   [IQK_F16] = fused_f16,   [IQK_BF16] = fused_bf16, [IQK_Q8_0] = fused_q8_0,
    [IQK_Q4_0] = fused_q4_0, [IQK_Q4_1] = fused_q4_1, [IQK_Q5_0] = fused_q5_0, [IQK_Q5_1] = fused_q5_1,
    [IQK_Q4_K] = fused_q4_k, [IQK_Q5_K] = fused_q5_k, [IQK_Q6_K] = fused_q6_k,
};

IQK_INLINE void multiply_rows(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch,
                              void (*dequantize)(iqk_format, const void *, float *, int64_t)) {
    if (job->T <= FUSED_LIMIT || job->format == IQK_F32) {
        fused_by_format[job->format](job, first, last);
        return;
    }
    const int64_t stride = iqk_rounded_up(job->K, IQK_BLOCK);
    int64_t n = first;
    for (; n + TILE_ROWS <= last; n += TILE_ROWS) {
        for (int r = 0; r < TILE_ROWS; ++r)
            dequantize(job->format, job->w + (n + r) * job->row_bytes, scratch + r * stride, job->K);
        all_tokens(job, IQK_F32, (const uint8_t *)scratch, stride * (int64_t)sizeof(float), TILE_ROWS, n);
    }
    for (; n < last; ++n) {
        dequantize(job->format, job->w + n * job->row_bytes, scratch, job->K);
        all_tokens(job, IQK_F32, (const uint8_t *)scratch, stride * (int64_t)sizeof(float), 1, n);
    }
}

#endif
