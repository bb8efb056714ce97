/// The whole C surface of the acceleration module.
///
/// Everything here is plain C: no system header beyond the fixed-width integers, no macro that Swift cannot import.
/// `IQTensor` is the only caller. Matrices are row-major; a leading dimension counts elements between rows.
/// T counts rows (tokens), N output features, K input features, H query heads, D the width of one head.
#ifndef CIQ_KERNELS_H
#define CIQ_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#else
#define _Nullable
#define _Nonnull
#endif

// MARK: Status, instruction levels, number formats

/// What a call reports. Shapes are checked by the caller; these are the failures that only the callee can see.
typedef enum iqk_status {
    IQK_OK = 0,
    IQK_OUT_OF_MEMORY = 1,
    IQK_UNSUPPORTED_LEVEL = 2,
    IQK_UNSUPPORTED_FORMAT = 3,
    IQK_THREAD_FAILURE = 4,
    IQK_INVALID_ARGUMENT = 5,
} iqk_status;

/// Which kernel table runs. AVX2 means AVX2 + FMA + F16C; AVX-512 means F + BW + VL + DQ, and uses VNNI where the
/// processor has it. Portable is plain C, the reference of all others.
typedef enum iqk_level {
    IQK_LEVEL_PORTABLE = 0,
    IQK_LEVEL_AVX2 = 1,
    IQK_LEVEL_AVX512 = 2,
    IQK_LEVEL_NEON = 3,
} iqk_level;

/// Number formats of stored weights, with the block layouts of GGUF. The values are our own, not GGUF's.
typedef enum iqk_format {
    IQK_F32 = 0,
    IQK_F16 = 1,
    IQK_BF16 = 2,
    IQK_Q8_0 = 3,
    IQK_Q4_0 = 4,
    IQK_Q4_1 = 5,
    IQK_Q5_0 = 6,
    IQK_Q5_1 = 7,
    IQK_Q4_K = 8,
    IQK_Q5_K = 9,
    IQK_Q6_K = 10,
    IQK_FORMAT_COUNT = 11,
} iqk_format;

/// How a product with quantised weights is computed.
typedef enum iqk_product {
    /// Weights are dequantised exactly and multiplied in f32.
    IQK_PRODUCT_EXACT = 0,
    /// Activations are quantised to 8 bits per block of 32 and the products are integer ones (VNNI where present).
    IQK_PRODUCT_INTEGER = 1,
} iqk_product;

bool iqk_level_supported(iqk_level level);
iqk_level iqk_level_best(void);
/// True if the AVX-512 level uses the VNNI (integer dot product) instructions on this processor.
bool iqk_has_vnni(void);

/// Elements in one block of the format (1, 32 or 256).
int64_t iqk_format_block_length(iqk_format format);
/// Bytes of one block of the format.
int64_t iqk_format_block_bytes(iqk_format format);

// MARK: Context: a kernel table, a thread pool and scratch memory

/// Owns `threads - 1` worker threads (the caller is the other one) and scratch memory that grows to what the largest call
/// needed. One call at a time.
typedef struct iqk_context iqk_context;

iqk_context *_Nullable iqk_context_create(int32_t threads, iqk_level level, iqk_status *status);
void iqk_context_destroy(iqk_context *context);
int32_t iqk_context_threads(const iqk_context *context);
iqk_level iqk_context_level(const iqk_context *context);
/// Number of heap allocations that calls on this context have made so far (scratch growth). For the allocation tests.
int64_t iqk_context_allocations(const iqk_context *context);

// MARK: Products

/// y[T, N] = x[T, K] * w[N, K]^T + bias[N]. The weights are contiguous rows of `format`; K is a multiple of its block.
/// Large T goes through sgemm (over dequantised panels where needed), small T through our own kernels.
iqk_status iqk_linear(iqk_context *context, const float *x, int64_t ldx, const void *w, iqk_format format,
                      const float *_Nullable bias, float *y, int64_t ldy, int64_t T, int64_t N, int64_t K,
                      iqk_product product);

/// The number format of a product's operands; sums are f32 in both.
typedef enum iqk_precision {
    IQK_PRECISION_F32 = 0,
    /// Operands are rounded to bfloat16, to the nearest, ties to even.
    IQK_PRECISION_BF16 = 1,
} iqk_precision;

/// c[M, N] = alpha * op(a) * op(b) + beta * c, split over the context's threads. op transposes where asked. With a beta of
/// 0, c is not read.
iqk_status iqk_gemm(iqk_context *context, iqk_precision precision, bool transpose_a, bool transpose_b, int64_t M,
                    int64_t N, int64_t K, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb,
                    float beta, float *c, int64_t ldc);

// MARK: Formats

/// Expands `count` elements (a multiple of the block) to f32. Exact: each value is what the format defines.
iqk_status iqk_dequantize(iqk_context *context, iqk_format format, const void *source, float *destination,
                          int64_t count);
/// Converts f32 to `format` (F32, F16, BF16, Q8_0, Q4_0), rounding as the GGUF reference does. Not threaded.
iqk_status iqk_quantize(iqk_context *context, iqk_format format, const float *source, void *destination, int64_t count);

// MARK: Row operations (x and y may be the same where the shapes agree)

/// y = x / sqrt(mean(x^2) + epsilon) * (weight + weight_offset), row by row over C columns.
/// `groups` rows of C may lie within one leading dimension (the heads of a q/k norm): row t, group g is x + t*ldx + g*C.
iqk_status iqk_rms_norm(iqk_context *context, const float *x, int64_t ldx, const float *weight, float weight_offset,
                        float epsilon, float *y, int64_t ldy, int64_t T, int64_t groups, int64_t C);
/// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, row by row over C columns.
iqk_status iqk_layer_norm(iqk_context *context, const float *x, int64_t ldx, const float *weight, const float *bias,
                          float epsilon, float *y, int64_t ldy, int64_t T, int64_t C);
/// cosine[t, i] and sine[t, i] of positions[t] * inverse_frequencies[i], times `scale`. Tables are [T, half].
iqk_status iqk_rope_tables(iqk_context *context, const int32_t *positions, int64_t T, const float *inverse_frequencies,
                           int64_t half, float scale, float *cosine, float *sine);
/// Rotates the pairs (i, i + half) of each of H heads of width D, in place. 2 * half <= D; the rest stays.
iqk_status iqk_rope_apply(iqk_context *context, float *x, int64_t ldx, const float *cosine, const float *sine,
                          int64_t T, int64_t H, int64_t D, int64_t half);
/// y = silu(gate) * up, rows of C.
iqk_status iqk_silu_multiply(iqk_context *context, const float *gate, int64_t ldg, const float *up, int64_t ldu,
                             float *y, int64_t ldy, int64_t T, int64_t C);
/// y = gelu_tanh(gate) * up, rows of C.
iqk_status iqk_gelu_tanh_multiply(iqk_context *context, const float *gate, int64_t ldg, const float *up, int64_t ldu,
                                  float *y, int64_t ldy, int64_t T, int64_t C);
/// y = gelu(x), the exact form with erf, rows of C.
iqk_status iqk_gelu_erf(iqk_context *context, const float *x, int64_t ldx, float *y, int64_t ldy, int64_t T,
                        int64_t C);
/// y = tanh(x), rows of C.
iqk_status iqk_tanh(iqk_context *context, const float *x, int64_t ldx, float *y, int64_t ldy, int64_t T, int64_t C);
/// y += x, rows of C.
iqk_status iqk_add(iqk_context *context, const float *x, int64_t ldx, float *y, int64_t ldy, int64_t T, int64_t C);
/// x *= factor, rows of C.
iqk_status iqk_scale(iqk_context *context, float factor, float *x, int64_t ldx, int64_t T, int64_t C);
/// destination[i] = dequantised row rows[i] of table[*, C].
iqk_status iqk_gather_rows(iqk_context *context, const void *table, iqk_format format, const int32_t *rows, int64_t T,
                           int64_t C, float *destination, int64_t ldd);

// MARK: Attention

/// A run of keys and values of one sequence. Element (head h, token t) starts at h * head_stride + t * token_stride, in
/// elements of the shape's cache format (F32 or F16).
typedef struct iqk_kv_chunk {
    const void *keys;
    const void *values;
    int64_t head_stride;
    int64_t token_stride;
    int32_t count;
    /// Position of the chunk's first token in its sequence.
    int32_t first_position;
} iqk_kv_chunk;

/// One sequence's queries (consecutive rows, consecutive positions) and its run of chunks, in order of position.
typedef struct iqk_attention_sequence {
    int32_t query_start;
    int32_t query_count;
    int32_t first_position;
    int32_t chunk_start;
    int32_t chunk_count;
} iqk_attention_sequence;

typedef struct iqk_attention_shape {
    int32_t heads;
    int32_t kv_heads;
    int32_t head_dimension;
    /// Multiplies the scores before the softmax.
    float scale;
    /// 0, or the bound of scores: cap * tanh(score / cap).
    float soft_cap;
    /// 0, or how many positions a query sees, itself included: position p sees keys above p - window.
    int32_t window;
    /// A query sees keys at its own position and before. Otherwise it sees every key of its sequence.
    bool causal;
    iqk_format cache_format;
} iqk_attention_shape;

/// out[row, h, :] = softmax(scale * q[row, h] . K) V for every sequence, head h reading key/value head
/// h / (heads / kv_heads). Rows that belong to no sequence are left as they are.
iqk_status iqk_attention(iqk_context *context, const iqk_attention_shape *shape, const float *q, int64_t ldq,
                         const iqk_attention_sequence *sequences, int64_t sequence_count, const iqk_kv_chunk *chunks,
                         int64_t chunk_count, float *out, int64_t ldo);

/// Stores T rows of [KV heads, D] (leading dimension lds) into a cache run laid out like a chunk, from token `at` on.
iqk_status iqk_kv_store(iqk_context *context, const float *source, int64_t lds, void *destination, iqk_format format,
                        int64_t head_stride, int64_t token_stride, int64_t at, int64_t T, int64_t kv_heads, int64_t D);

// MARK: Vocabulary-sized rows (sampling). Single-threaded.

/// The largest value, and the first index that has it. NaN counts as smaller than every number.
void iqk_maximum(const iqk_context *context, const float *x, int64_t count, float *value, int64_t *index);
/// sum of exp((x[i] - shift) * factor), accumulated in f64. Entries of -infinity add 0.
double iqk_sum_exp(const iqk_context *context, const float *x, int64_t count, float shift, float factor);
/// Writes the indices of all x[i] >= threshold, in order, up to capacity; returns how many there are in all.
int64_t iqk_collect_at_least(const iqk_context *context, const float *x, int64_t count, float threshold,
                             int32_t *indices, int64_t capacity);
/// True if every value is finite or -infinity (no NaN, no +infinity).
bool iqk_all_below_infinity(const iqk_context *context, const float *x, int64_t count);
/// x[i] = -infinity where bit i % 64 of allowed[i / 64] is 0, and where i is beyond the words.
void iqk_keep_allowed(float *x, int64_t count, const uint64_t *allowed, int64_t allowed_words);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
