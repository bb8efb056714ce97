// What the kernel sources share: the table of row kernels of one level, the context with its threads and scratch memory.
// Nothing here is visible to Swift.
#ifndef IQK_INTERNAL_H
#define IQK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CIQKernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

// MARK: Parallel work

/// A share of a parallel loop: items first ..< last, on thread `thread` (0 is the caller).
typedef void (*iqk_range_function)(void *argument, int32_t thread, int64_t first, int64_t last);
/// One thread's part of a parallel region.
typedef void (*iqk_thread_function)(void *argument, int32_t thread, int32_t threads);

typedef struct iqk_pool iqk_pool;

iqk_pool *_Nullable iqk_pool_create(int32_t threads, iqk_status *status);
void iqk_pool_destroy(iqk_pool *_Nullable pool);
/// Calls `function` on each of the first `participants` threads and returns when all are done. Not reentrant.
void iqk_pool_run(iqk_pool *pool, int32_t participants, iqk_thread_function function, void *argument);

/// Splits 0 ..< count into one run of consecutive items per thread. The split depends on `count` and the number of threads
/// alone. Call it from outside parallel work only.
void iqk_parallel_for(iqk_context *context, int64_t count, iqk_range_function function, void *argument);
/// As iqk_parallel_for, but gives no thread fewer than `grain` items (a single thread takes all if count < 2 * grain):
/// waking a thread costs a few microseconds.
void iqk_parallel_for_grain(iqk_context *context, int64_t count, int64_t grain, iqk_range_function function,
                            void *argument);
/// Calls `function` on up to `most` threads of the context, which share out the work among themselves.
void iqk_run_threads(iqk_context *context, int64_t most, iqk_thread_function function, void *argument);

// MARK: Scratch memory

/// Who uses a thread's scratch memory. A slot keeps its memory until the context ends, and grows to the largest request.
typedef enum iqk_scratch_slot {
    IQK_SCRATCH_ATTENTION = 0,
    IQK_SCRATCH_ATTENTION_MERGE,
    /// The products' own slots (linear.c): expanded weights, rounded activations, and spare ones.
    IQK_SCRATCH_LINEAR_0,
    IQK_SCRATCH_LINEAR_1,
    IQK_SCRATCH_LINEAR_2,
    IQK_SCRATCH_LINEAR_3,
    IQK_SCRATCH_LINEAR_4,
    IQK_SCRATCH_LINEAR_5,
    /// A thread's share of sums over rows (gradients of norms).
    IQK_SCRATCH_ROW_SUMS,
    /// Blocks of operands of a general product, as its kernel wants them.
    IQK_SCRATCH_GEMM,
    IQK_SCRATCH_SLOTS,
} iqk_scratch_slot;

/// At least `bytes` bytes of thread `thread`, aligned to 64, contents undefined; NULL if the system gives none. Memory from
/// an earlier call with the same thread and slot is reused or released. A worker may ask for its own thread only.
void *_Nullable iqk_scratch(iqk_context *context, int32_t thread, iqk_scratch_slot slot, size_t bytes);
/// Makes sure that iqk_scratch succeeds on every thread for this slot and size.
bool iqk_scratch_reserve(iqk_context *context, iqk_scratch_slot slot, size_t bytes);

// MARK: Matrix product

/// c[M, N] = alpha * op(a) * op(b) + beta * c on the calling thread alone; may be called within parallel work.
void iqk_sgemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K, float alpha, const float *a,
               int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
/// The same by the fastest f32 kernel of the context's level, on thread `thread` of a parallel region (0 is the caller).
/// Every element is the same number whatever M and N are, except at levels that leave products to the BLAS library.
void iqk_gemm_local(iqk_context *context, int32_t thread, bool transpose_a, bool transpose_b, int64_t M, int64_t N,
                    int64_t K, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb, float beta,
                    float *c, int64_t ldc);
/// Holds the BLAS library to one thread. Idempotent.
void iqk_sgemm_prepare(void);

// MARK: Kernels

/// One call of iqk_attention.
typedef struct iqk_attention_job {
    const iqk_attention_shape *shape;
    const float *q;
    int64_t ldq;
    const iqk_attention_sequence *sequences;
    const iqk_kv_chunk *chunks;
    float *out;
    int64_t ldo;
} iqk_attention_job;

/// One call of iqk_attention_backward.
typedef struct iqk_attention_backward_job {
    iqk_context *context;
    const iqk_attention_shape *shape;
    const float *q;
    int64_t ldq;
    const float *k;
    int64_t ldk;
    const float *v;
    int64_t ldv;
    const float *dout;
    int64_t lddo;
    const iqk_segment *segments;
    int64_t segment_count;
    float *dq;
    int64_t lddq;
    float *dk;
    int64_t lddk;
    float *dv;
    int64_t lddv;
    size_t scratch_bytes;
} iqk_attention_backward_job;

/// Part of such a call: see attention_backward.h.
typedef struct iqk_attention_backward_task iqk_attention_backward_task;

/// The plain form, for the heads of one key/value head. `scratch` has iqk_attention_backward_bytes_portable(keys) bytes.
void iqk_attention_backward_portable(const iqk_attention_backward_job *job, int32_t kv_head, void *scratch);
/// Bytes of scratch memory for sequences of up to `keys` tokens.
size_t iqk_attention_backward_bytes_portable(int64_t keys);

/// Part of an attention call: some queries of one sequence, or of several ones that begin alike, for the heads of one key/value
/// head.
typedef struct iqk_attention_task {
    /// The first of `member_count` sequences. Where there are more than one, each has one query, and all have the same
    /// `shared_chunks` chunks first, which every query sees as a whole.
    const iqk_attention_sequence *sequence;
    int32_t member_count, shared_chunks;
    int32_t kv_head;
    /// Queries first_query ..< first_query + query_count of each sequence.
    int32_t first_query;
    int32_t query_count;
} iqk_attention_task;

/// The kernels of the backward pass and of the optimiser: each works on one row, or on a run of numbers, on the calling
/// thread. See CIQKernels.h for what they compute; sums over rows (dweight, dbias) are added to.
typedef struct iqk_gradient_kernels {
    void (*rms_norm)(const float *x, const float *weight, float weight_offset, float epsilon, const float *dy, float *dx,
                     float *_Nullable dweight, int64_t C);
    void (*layer_norm)(const float *x, const float *weight, float epsilon, const float *dy, float *dx,
                       float *_Nullable dweight, float *_Nullable dbias, int64_t C);
    void (*silu_multiply)(const float *gate, const float *up, const float *dy, float *dgate, float *dup, int64_t C);
    void (*gelu_tanh_multiply)(const float *gate, const float *up, const float *dy, float *dgate, float *dup, int64_t C);
    void (*gelu_erf)(const float *x, const float *dy, float *dx, int64_t C);
    void (*tanh)(const float *y, const float *dy, float *dx, int64_t C);
    /// y += factor * x
    void (*add_multiple)(float factor, const float *x, float *y, int64_t C);
    /// Numbers first ..< first + C of the mask.
    void (*dropout)(const float *x, float rate, uint64_t seed, uint64_t stream, uint64_t first, float *y, int64_t C);
    void (*softmax_statistics)(const float *logits, float inverse_temperature, float *log_sum_exp,
                               float *_Nullable entropy, int64_t V);
    /// `dentropy` is 0 where the entropy takes no part.
    void (*softmax)(float *logits, float inverse_temperature, float log_sum_exp, int64_t target, float dlogp,
                    float entropy, float dentropy, int64_t V);
    /// Returns the divergence; replaces the logits by dvalue times its gradient where dvalue is given.
    float (*divergence)(iqk_divergence kind, float beta, float inverse_temperature, float *logits, float log_sum_exp,
                        const float *teacher_logits, float teacher_log_sum_exp, const float *_Nullable dvalue,
                        int64_t V);
    void (*adamw)(const iqk_adamw_settings *settings, float *weights, const float *gradients, float *m, float *v,
                  int64_t count);
    double (*sum_of_squares)(const float *x, int64_t count);
} iqk_gradient_kernels;

extern const iqk_gradient_kernels iqk_gradient_kernels_portable;

/// Attention by tasks, each on the calling thread.
typedef struct iqk_attention_kernels {
    /// Rows of queries (heads times tokens) that one task should have.
    int32_t rows;
    /// A task may have several members if a query has no more rows (heads) than this. A sequence gets the same numbers alone and
    /// as a member then.
    int32_t shared_rows;
    /// Bytes of scratch memory that a task of `rows` rows over up to `keys` keys needs.
    size_t (*bytes)(int64_t rows, int64_t head_dimension, int64_t keys);
    void (*forward)(const iqk_attention_job *job, const iqk_attention_task *task, void *scratch);
    /// The backward pass for one task, and the bytes of scratch memory that it needs if its queries see up to `keys` keys
    /// between them. NULL at the portable level, which has a form of its own.
    void (*_Nullable backward)(const iqk_attention_backward_job *job, const iqk_attention_backward_task *task,
                               void *scratch);
    size_t (*_Nullable backward_bytes)(const iqk_attention_shape *shape, int64_t keys);
} iqk_attention_kernels;

#if defined(__x86_64__)
/// Products in bfloat16; needs the bfloat16 instructions besides those of the level.
extern const iqk_attention_kernels iqk_attention_kernels_avx512_bf16;
#endif

/// Attention at the context's level; in bfloat16 where that is asked for and the processor has it, else in f32.
const iqk_attention_kernels *iqk_attention_kernels_of(const iqk_context *context, iqk_precision precision);

/// The kernels of one level: each works on one row (or one task) on the calling thread.
typedef struct iqk_kernels {
    const iqk_gradient_kernels *gradients;
    void (*rms_norm)(const float *x, const float *weight, float weight_offset, float epsilon, float *y, int64_t C);
    void (*layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, float *y, int64_t C);
    /// Rotates one head.
    void (*rope)(float *x, const float *cosine, const float *sine, int64_t half);
    void (*silu_multiply)(const float *gate, const float *up, float *y, int64_t C);
    void (*gelu_tanh_multiply)(const float *gate, const float *up, float *y, int64_t C);
    void (*gelu_erf)(const float *x, float *y, int64_t C);
    void (*tanh)(const float *x, float *y, int64_t C);
    void (*add)(const float *x, float *y, int64_t C);
    void (*scale)(float factor, float *x, int64_t C);
    void (*to_f16)(const float *x, uint16_t *y, int64_t C);

    iqk_attention_kernels attention;

    void (*maximum)(const float *x, int64_t count, float *value, int64_t *index);
    double (*sum_exp)(const float *x, int64_t count, float shift, float factor);
    int64_t (*collect_at_least)(const float *x, int64_t count, float threshold, int32_t *indices, int64_t capacity);
    bool (*all_below_infinity)(const float *x, int64_t count);
} iqk_kernels;

extern const iqk_kernels iqk_kernels_portable;
#if defined(__x86_64__)
extern const iqk_kernels iqk_kernels_avx2;
extern const iqk_kernels iqk_kernels_avx512;
#endif
#if defined(__aarch64__)
extern const iqk_kernels iqk_kernels_neon;
#endif

/// The kernels of the context's level.
const iqk_kernels *iqk_context_kernels(const iqk_context *context);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
