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

/// Which kernel table runs. AVX2 means AVX2 + FMA + F16C; AVX-512 means F + BW + VL + DQ, and uses VNNI and BF16 where the
/// processor has them. Portable is plain C, the reference of all others.
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
    /// As IQK_PRODUCT_INTEGER; and with bf16 weights, activations are rounded to bf16 and products are summed in f32.
    IQK_PRODUCT_ROUNDED = 2,
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

/// True if the context's level has a layout of its own for weights of this format in such products.
bool iqk_can_pack(const iqk_context *context, iqk_format format, iqk_product product);
/// Bytes of a packed matrix; -1 for a format that is never packed, or a K that is not whole blocks.
int64_t iqk_packed_bytes(iqk_format format, int64_t N, int64_t K);
/// Writes contiguous rows of `format` in that layout. The destination begins at a multiple of 64.
iqk_status iqk_pack(iqk_context *context, iqk_format format, const void *source, int64_t N, int64_t K,
                    void *destination);

/// A product with packed weights: y[T, N] = x[T, K] * w[N, K]^T + bias[N].
typedef struct iqk_packed_product {
    const void *w;
    iqk_format format;
    const float *_Nullable bias;
    float *y;
    int64_t ldy;
    int64_t N;
} iqk_packed_product;

/// Products of the same x, in one parallel region where their activations are rounded alike. f32 weights are multiplied with
/// x as it is, bf16 weights with x rounded to bf16, quantised ones with x rounded to 8 bits per block of 32. An element is one
/// sum over K in order, whatever T and the number of threads are.
iqk_status iqk_linear_packed(iqk_context *context, const float *x, int64_t ldx, int64_t T, int64_t K,
                             const iqk_packed_product *products, int64_t count);
/// destination[i, C] = row rows[i] of a packed table (row i where rows is NULL), in f32.
iqk_status iqk_gather_packed_rows(iqk_context *context, const void *table, iqk_format format,
                                  const int32_t *_Nullable rows, int64_t T, int64_t C, float *destination, int64_t ldd);

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

/// An operand of a product that takes bfloat16: rows of f32, which are rounded on the way, or of bfloat16.
typedef struct iqk_operand {
    const void *start;
    /// Elements between the beginnings of two rows.
    int64_t stride;
    /// op transposes.
    bool transposed;
    /// The elements are bfloat16.
    bool is_rounded;
} iqk_operand;

/// As iqk_gemm in IQK_PRECISION_BF16, with the same result to the bit where operands come rounded by iqk_round_rows: an
/// operand of several products is worth rounding once.
iqk_status iqk_gemm_rounded(iqk_context *context, iqk_operand a, iqk_operand b, int64_t M, int64_t N, int64_t K,
                            float alpha, float beta, float *c, int64_t ldc);

/// y[T, C] = x[T, C] rounded to bfloat16 as products of this context round. y may begin where x does if ldy is 2 * ldx.
iqk_status iqk_round_rows(iqk_context *context, const float *x, int64_t ldx, void *y, int64_t ldy, int64_t T, int64_t C);

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
    /// Of the products' operands. In bfloat16 only where the processor has instructions for it, else in f32; scores, softmax
    /// and sums are f32 in both.
    iqk_precision precision;
} iqk_attention_shape;

/// out[row, h, :] = softmax(scale * q[row, h] . K) V for every sequence, head h reading key/value head
/// h / (heads / kv_heads). Rows that belong to no sequence are left as they are.
iqk_status iqk_attention(iqk_context *context, const iqk_attention_shape *shape, const float *q, int64_t ldq,
                         const iqk_attention_sequence *sequences, int64_t sequence_count, const iqk_kv_chunk *chunks,
                         int64_t chunk_count, float *out, int64_t ldo);

/// Stores T rows of [KV heads, D] (leading dimension lds) into a cache run laid out like a chunk, from token `at` on.
iqk_status iqk_kv_store(iqk_context *context, const float *source, int64_t lds, void *destination, iqk_format format,
                        int64_t head_stride, int64_t token_stride, int64_t at, int64_t T, int64_t kv_heads, int64_t D);

// MARK: Gradients of the row operations
//
// d is the gradient of the loss with respect to what follows it. Where a comment says "adds", the target accumulates (+=);
// elsewhere it is overwritten. Outputs may be inputs of the same shape, except where they add.

/// Adds to dx, and to dweight[C] where it is given, the gradients of iqk_rms_norm with the same arguments.
iqk_status iqk_rms_norm_backward(iqk_context *context, const float *x, int64_t ldx, const float *weight,
                                 float weight_offset, float epsilon, const float *dy, int64_t lddy, float *dx,
                                 int64_t lddx, float *_Nullable dweight, int64_t T, int64_t groups, int64_t C);
/// Adds to dx, and to dweight[C] and dbias[C] where they are given, the gradients of iqk_layer_norm.
iqk_status iqk_layer_norm_backward(iqk_context *context, const float *x, int64_t ldx, const float *weight,
                                   float epsilon, const float *dy, int64_t lddy, float *dx, int64_t lddx,
                                   float *_Nullable dweight, float *_Nullable dbias, int64_t T, int64_t C);
/// dgate = dy * up * silu'(gate), dup = dy * silu(gate). dgate may be gate, dup may be up.
iqk_status iqk_silu_multiply_backward(iqk_context *context, const float *gate, int64_t ldg, const float *up,
                                      int64_t ldu, const float *dy, int64_t lddy, float *dgate, int64_t lddg,
                                      float *dup, int64_t lddu, int64_t T, int64_t C);
/// The same for gelu_tanh.
iqk_status iqk_gelu_tanh_multiply_backward(iqk_context *context, const float *gate, int64_t ldg, const float *up,
                                           int64_t ldu, const float *dy, int64_t lddy, float *dgate, int64_t lddg,
                                           float *dup, int64_t lddu, int64_t T, int64_t C);
/// dx = dy * gelu'(x), the exact form with erf.
iqk_status iqk_gelu_erf_backward(iqk_context *context, const float *x, int64_t ldx, const float *dy, int64_t lddy,
                                 float *dx, int64_t lddx, int64_t T, int64_t C);
/// dx = dy * (1 - y^2) for y = tanh(x).
iqk_status iqk_tanh_backward(iqk_context *context, const float *y, int64_t ldy, const float *dy, int64_t lddy,
                             float *dx, int64_t lddx, int64_t T, int64_t C);
/// y[t, :] += bias, rows of C.
iqk_status iqk_add_bias(iqk_context *context, const float *bias, float *y, int64_t ldy, int64_t T, int64_t C);
/// Adds the sum of dy's rows to dbias[C].
iqk_status iqk_add_column_sums(iqk_context *context, const float *dy, int64_t lddy, float *dbias, int64_t T, int64_t C);
/// Adds factor * dy[t, :] to row rows[t] of table[*, C]; a row may be named several times.
iqk_status iqk_scatter_add_rows(iqk_context *context, const float *dy, int64_t lddy, const int32_t *rows, float factor,
                                float *table, int64_t ldt, int64_t T, int64_t C);
/// y = x * m / (1 - rate), where m[t, c] is 0 with probability `rate` and else 1: number t * C + c of a stream of random
/// numbers (Philox4x32-10, as IQTensor's RandomStream makes them) from word `position` on. The same arguments give the
/// same mask, so that the backward pass needs no copy of it.
iqk_status iqk_dropout(iqk_context *context, const float *x, int64_t ldx, float rate, uint64_t seed, uint64_t stream,
                       uint64_t position, float *y, int64_t ldy, int64_t T, int64_t C);

// MARK: Gradients of attention

/// Rows of a packed batch that follow each other in one sequence. A segment sees itself and its ancestors: several
/// continuations of one beginning share the beginning's rows.
typedef struct iqk_segment {
    int32_t start;
    int32_t count;
    int32_t first_position;
    /// Index of the segment that this one continues, smaller than its own; -1 for none. With a parent,
    /// first_position is the parent's first_position plus the parent's count.
    int32_t parent;
} iqk_segment;

/// Gradients of attention over the segments' rows of q [T, H * D], k and v [T, KV * D]: writes dq, dk and dv of every row
/// that belongs to a segment. The shape's cache_format is not looked at; without `causal`, segments have no parents.
iqk_status iqk_attention_backward(iqk_context *context, const iqk_attention_shape *shape, const float *q, int64_t ldq,
                                  const float *k, int64_t ldk, const float *v, int64_t ldv, const float *dout,
                                  int64_t lddo, const iqk_segment *segments, int64_t segment_count, float *dq,
                                  int64_t lddq, float *dk, int64_t lddk, float *dv, int64_t lddv);

// MARK: Softmax over the vocabulary, forward and backward, for whole blocks of rows
//
// z = logits * inverse_temperature, p = softmax(z). -infinity marks what cannot be drawn (p = 0).

/// log_sum_exp[t] of z[t, :], and where it is given entropy[t] = - sum of p log p (nats). Accumulated in f64.
iqk_status iqk_softmax_statistics(iqk_context *context, const float *logits, int64_t ldl, float inverse_temperature,
                                  float *log_sum_exp, float *_Nullable entropy, int64_t T, int64_t V);
/// logits[t, j] = inverse_temperature * (dlogp[t] * ((j == targets[t]) - p[t, j])
///                                       - dentropy[t] * p[t, j] * (log p[t, j] + entropy[t])), in place:
/// the gradient of a loss that has derivative dlogp[t] in log p[t, targets[t]] and dentropy[t] in the row's entropy.
/// entropy and dentropy are both given or both NULL.
iqk_status iqk_softmax_backward(iqk_context *context, float *logits, int64_t ldl, float inverse_temperature,
                                const float *log_sum_exp, const int32_t *targets, const float *dlogp,
                                const float *_Nullable entropy, const float *_Nullable dentropy, int64_t T, int64_t V);

/// How far the distribution p (of the student, which learns) is from q (of the teacher).
typedef enum iqk_divergence {
    /// sum of p (log p - log q)
    IQK_DIVERGENCE_REVERSE_KL = 0,
    /// sum of q (log q - log p)
    IQK_DIVERGENCE_FORWARD_KL = 1,
    /// beta KL(q || m) + (1 - beta) KL(p || m) with m = beta q + (1 - beta) p, 0 < beta < 1
    IQK_DIVERGENCE_JENSEN_SHANNON = 2,
    /// KL(p || m) with the same m
    IQK_DIVERGENCE_SKEWED_REVERSE_KL = 3,
    /// KL(q || m) with the same m
    IQK_DIVERGENCE_SKEWED_FORWARD_KL = 4,
} iqk_divergence;

/// value[t] of the divergence of p[t, :] from q[t, :], given both log-sum-exps (iqk_softmax_statistics); and where dvalue
/// is given, p's logits are replaced by dvalue[t] * the gradient with respect to them (inverse_temperature included).
/// `logits` and `teacher_logits` share the temperature. Accumulated in f64.
iqk_status iqk_divergence_rows(iqk_context *context, iqk_divergence kind, float beta, float inverse_temperature,
                               float *logits, int64_t ldl, const float *log_sum_exp, const float *teacher_logits,
                               int64_t ldt, const float *teacher_log_sum_exp, float *value,
                               const float *_Nullable dvalue, int64_t T, int64_t V);

// MARK: Optimiser

/// One step of AdamW on `count` consecutive numbers; see iqk_adamw.
typedef struct iqk_adamw_settings {
    float learning_rate;
    float beta1;
    float beta2;
    float epsilon;
    float weight_decay;
    /// 1 - beta1^t and 1 - beta2^t of step t.
    float correction1;
    float correction2;
    /// Multiplies gradients before anything else (clipping, averaging).
    float gradient_scale;
} iqk_adamw_settings;

/// g = gradient * gradient_scale; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// w = w (1 - learning_rate * weight_decay) - learning_rate / correction1 * m / (sqrt(v / correction2) + epsilon).
iqk_status iqk_adamw(iqk_context *context, const iqk_adamw_settings *settings, float *weights, const float *gradients,
                     float *m, float *v, int64_t count);
/// The sum of x^2 in f64; not finite if a value is not.
iqk_status iqk_sum_of_squares(iqk_context *context, const float *x, int64_t count, double *sum);
/// x = 0.
iqk_status iqk_clear(iqk_context *context, float *x, int64_t count);

// MARK: Work of the caller's

/// Calls function(argument, index) once for each index from 0 to count - 1, on all threads of the context; returns when all calls
/// have returned. The calls must not use the context, but for the operations that are said to be single-threaded.
void iqk_for_each(iqk_context *context, int64_t count, void (*function)(void *argument, int64_t index), void *argument);

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

// MARK: Checksums. Single-threaded.

/// CRC-32C (Castagnoli; RFC 3720) of `count` bytes that follow bytes whose sum is `crc`; 0 begins. Uses the processor's
/// instructions where it has them.
uint32_t iqk_crc32c(uint32_t crc, const void *bytes, int64_t count);
/// The same by tables, on any processor.
uint32_t iqk_crc32c_portable(uint32_t crc, const void *bytes, int64_t count);

// MARK: What the processor reaches. For benchmarks: the caller takes the time.

/// Kinds of multiply-adds: of f32, of pairs of bfloat16 into f32, of quadruples of 8-bit integers into 32 bits.
typedef enum iqk_operation {
    IQK_OPERATION_F32 = 0,
    IQK_OPERATION_BF16 = 1,
    IQK_OPERATION_INT8 = 2,
    IQK_OPERATION_COUNT = 3,
} iqk_operation;

/// Runs `rounds` rounds of multiply-adds on every thread of the context, from registers alone, by the widest instructions of its
/// level. `operations` is how many multiplications and additions these were, `sum` the sum of all results: proof that none was
/// left out. IQK_UNSUPPORTED_LEVEL where the level has no instruction for the kind.
iqk_status iqk_run_operations(iqk_context *context, iqk_operation operation, int64_t rounds, int64_t *operations,
                              double *sum);
/// Reads `count` bytes once, each thread a share; `sum` is that of all words of eight bytes, the last one filled up with zeros.
iqk_status iqk_read_memory(iqk_context *context, const void *bytes, int64_t count, uint64_t *sum);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
