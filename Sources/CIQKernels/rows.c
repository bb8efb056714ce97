// The row operations of the interface: each checks its extents, and gives every thread a run of rows.
#include "internal.h"

#include <math.h>

/// Elements worth a thread of their own, for operations of a few instructions per element.
enum { IQK_ELEMENTS_PER_THREAD = 16384 };
/// The same for operations that compute an exponential per element.
enum { IQK_EXPONENTIALS_PER_THREAD = 4096 };

static int64_t iqk_rows_worth_a_thread(int64_t elements, int64_t columns) {
    return columns >= elements ? 1 : elements / (columns > 0 ? columns : 1);
}

/// One row operation: up to two inputs, one output, vectors that every row shares.
typedef struct iqk_row_job {
    const iqk_kernels *kernels;
    const float *a;
    int64_t lda;
    const float *b;
    int64_t ldb;
    float *y;
    int64_t ldy;
    const float *weight;
    const float *bias;
    float offset;
    float epsilon;
    int64_t C;
    int64_t groups;
    int64_t half;
} iqk_row_job;

// MARK: Norms

static void iqk_rms_norm_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_row_job *job = argument;
    for (int64_t index = first; index < last; index++) {
        const int64_t row = index / job->groups, column = index % job->groups * job->C;
        job->kernels->rms_norm(job->a + row * job->lda + column, job->weight, job->offset, job->epsilon,
                               job->y + row * job->ldy + column, job->C);
    }
}

iqk_status iqk_rms_norm(iqk_context *context, const float *x, int64_t ldx, const float *weight, float weight_offset,
                        float epsilon, float *y, int64_t ldy, int64_t T, int64_t groups, int64_t C) {
    if (T < 0 || groups < 1 || C < 1) return IQK_INVALID_ARGUMENT;
    iqk_row_job job = {.kernels = iqk_context_kernels(context), .a = x, .lda = ldx, .y = y, .ldy = ldy,
                       .weight = weight, .offset = weight_offset, .epsilon = epsilon, .C = C, .groups = groups};
    iqk_parallel_for_grain(context, T * groups, iqk_rows_worth_a_thread(IQK_ELEMENTS_PER_THREAD, C),
                           iqk_rms_norm_part, &job);
    return IQK_OK;
}

static void iqk_layer_norm_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_row_job *job = argument;
    for (int64_t row = first; row < last; row++) {
        job->kernels->layer_norm(job->a + row * job->lda, job->weight, job->bias, job->epsilon,
                                 job->y + row * job->ldy, job->C);
    }
}

iqk_status iqk_layer_norm(iqk_context *context, const float *x, int64_t ldx, const float *weight, const float *bias,
                          float epsilon, float *y, int64_t ldy, int64_t T, int64_t C) {
    if (T < 0 || C < 1) return IQK_INVALID_ARGUMENT;
    iqk_row_job job = {.kernels = iqk_context_kernels(context), .a = x, .lda = ldx, .y = y, .ldy = ldy,
                       .weight = weight, .bias = bias, .epsilon = epsilon, .C = C};
    iqk_parallel_for_grain(context, T, iqk_rows_worth_a_thread(IQK_ELEMENTS_PER_THREAD, C), iqk_layer_norm_part, &job);
    return IQK_OK;
}

// MARK: Rotary position embedding

typedef struct iqk_rope_tables_job {
    const int32_t *positions;
    const float *inverse_frequencies;
    int64_t half;
    float scale;
    float *cosine;
    float *sine;
} iqk_rope_tables_job;

static void iqk_rope_tables_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_rope_tables_job *job = argument;
    for (int64_t t = first; t < last; t++) {
        for (int64_t i = 0; i < job->half; i++) {
            // The angle is rounded to f32 before its sine is taken, as the models were trained.
            const float angle = (float)job->positions[t] * job->inverse_frequencies[i];
            job->cosine[t * job->half + i] = cosf(angle) * job->scale;
            job->sine[t * job->half + i] = sinf(angle) * job->scale;
        }
    }
}

iqk_status iqk_rope_tables(iqk_context *context, const int32_t *positions, int64_t T, const float *inverse_frequencies,
                           int64_t half, float scale, float *cosine, float *sine) {
    if (T < 0 || half < 0) return IQK_INVALID_ARGUMENT;
    iqk_rope_tables_job job = {positions, inverse_frequencies, half, scale, cosine, sine};
    iqk_parallel_for_grain(context, T, iqk_rows_worth_a_thread(IQK_EXPONENTIALS_PER_THREAD / 4, half),
                           iqk_rope_tables_part, &job);
    return IQK_OK;
}

static void iqk_rope_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_row_job *job = argument;
    for (int64_t t = first; t < last; t++) {
        for (int64_t head = 0; head < job->groups; head++) {
            job->kernels->rope(job->y + t * job->ldy + head * job->C, job->a + t * job->half, job->b + t * job->half,
                               job->half);
        }
    }
}

iqk_status iqk_rope_apply(iqk_context *context, float *x, int64_t ldx, const float *cosine, const float *sine,
                          int64_t T, int64_t H, int64_t D, int64_t half) {
    if (T < 0 || H < 0 || half < 0 || 2 * half > D) return IQK_INVALID_ARGUMENT;
    iqk_row_job job = {.kernels = iqk_context_kernels(context), .a = cosine, .b = sine, .y = x, .ldy = ldx, .C = D,
                       .groups = H, .half = half};
    iqk_parallel_for_grain(context, T, iqk_rows_worth_a_thread(IQK_ELEMENTS_PER_THREAD, H * D), iqk_rope_part, &job);
    return IQK_OK;
}

// MARK: Element by element

/// Defines the parallel part of an operation whose row kernel is called with `arguments`.
#define IQK_DEFINE_ROW_PART(name, ...)                                                                               \
    static void iqk_##name##_part(void *argument, int32_t thread, int64_t first, int64_t last) {                     \
        (void)thread;                                                                                                \
        const iqk_row_job *job = argument;                                                                           \
        for (int64_t row = first; row < last; row++) {                                                               \
            const float *a = job->a + row * job->lda, *b = job->b + row * job->ldb;                                  \
            float *y = job->y + row * job->ldy;                                                                      \
            (void)a, (void)b;                                                                                        \
            job->kernels->name(__VA_ARGS__);                                                                         \
        }                                                                                                            \
    }

IQK_DEFINE_ROW_PART(silu_multiply, a, b, y, job->C)
IQK_DEFINE_ROW_PART(gelu_tanh_multiply, a, b, y, job->C)
IQK_DEFINE_ROW_PART(gelu_erf, a, y, job->C)
IQK_DEFINE_ROW_PART(tanh, a, y, job->C)
IQK_DEFINE_ROW_PART(add, a, y, job->C)
IQK_DEFINE_ROW_PART(scale, job->offset, y, job->C)

static iqk_status iqk_run_rows(iqk_context *context, iqk_row_job job, int64_t T, int64_t elements_per_thread,
                               iqk_range_function part) {
    if (T < 0 || job.C < 0) return IQK_INVALID_ARGUMENT;
    job.kernels = iqk_context_kernels(context);
    if (job.a == NULL) job.a = job.y;
    if (job.b == NULL) job.b = job.y;
    iqk_parallel_for_grain(context, T, iqk_rows_worth_a_thread(elements_per_thread, job.C), part, &job);
    return IQK_OK;
}

iqk_status iqk_silu_multiply(iqk_context *context, const float *gate, int64_t ldg, const float *up, int64_t ldu,
                             float *y, int64_t ldy, int64_t T, int64_t C) {
    const iqk_row_job job = {.a = gate, .lda = ldg, .b = up, .ldb = ldu, .y = y, .ldy = ldy, .C = C};
    return iqk_run_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_silu_multiply_part);
}

iqk_status iqk_gelu_tanh_multiply(iqk_context *context, const float *gate, int64_t ldg, const float *up, int64_t ldu,
                                  float *y, int64_t ldy, int64_t T, int64_t C) {
    const iqk_row_job job = {.a = gate, .lda = ldg, .b = up, .ldb = ldu, .y = y, .ldy = ldy, .C = C};
    return iqk_run_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_gelu_tanh_multiply_part);
}

iqk_status iqk_gelu_erf(iqk_context *context, const float *x, int64_t ldx, float *y, int64_t ldy, int64_t T,
                        int64_t C) {
    const iqk_row_job job = {.a = x, .lda = ldx, .y = y, .ldy = ldy, .C = C};
    return iqk_run_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_gelu_erf_part);
}

iqk_status iqk_tanh(iqk_context *context, const float *x, int64_t ldx, float *y, int64_t ldy, int64_t T, int64_t C) {
    const iqk_row_job job = {.a = x, .lda = ldx, .y = y, .ldy = ldy, .C = C};
    return iqk_run_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_tanh_part);
}

iqk_status iqk_add(iqk_context *context, const float *x, int64_t ldx, float *y, int64_t ldy, int64_t T, int64_t C) {
    const iqk_row_job job = {.a = x, .lda = ldx, .y = y, .ldy = ldy, .C = C};
    return iqk_run_rows(context, job, T, IQK_ELEMENTS_PER_THREAD, iqk_add_part);
}

iqk_status iqk_scale(iqk_context *context, float factor, float *x, int64_t ldx, int64_t T, int64_t C) {
    const iqk_row_job job = {.y = x, .ldy = ldx, .offset = factor, .C = C};
    return iqk_run_rows(context, job, T, IQK_ELEMENTS_PER_THREAD, iqk_scale_part);
}

// MARK: Vocabulary-sized rows

void iqk_maximum(const iqk_context *context, const float *x, int64_t count, float *value, int64_t *index) {
    iqk_context_kernels(context)->maximum(x, count, value, index);
}

double iqk_sum_exp(const iqk_context *context, const float *x, int64_t count, float shift, float factor) {
    return iqk_context_kernels(context)->sum_exp(x, count, shift, factor);
}

int64_t iqk_collect_at_least(const iqk_context *context, const float *x, int64_t count, float threshold,
                             int32_t *indices, int64_t capacity) {
    return iqk_context_kernels(context)->collect_at_least(x, count, threshold, indices, capacity);
}

bool iqk_all_below_infinity(const iqk_context *context, const float *x, int64_t count) {
    return iqk_context_kernels(context)->all_below_infinity(x, count);
}
