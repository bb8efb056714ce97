// The backward pass's row operations, the softmax over the vocabulary and the optimiser: each checks its extents and gives
// every thread a run of rows. Sums over rows are formed per thread and added in the order of the threads, so that the
// result depends on the number of threads alone.
#include "internal.h"

#include <math.h>
#include <string.h>

/// Elements worth a thread of their own: see rows.c.
enum { IQK_ELEMENTS_PER_THREAD = 16384, IQK_EXPONENTIALS_PER_THREAD = 4096 };

static int64_t iqk_rows_worth_a_thread(int64_t elements, int64_t columns) {
    return columns >= elements ? 1 : elements / (columns > 0 ? columns : 1);
}

typedef struct iqk_gradient_job {
    iqk_context *context;
    const iqk_gradient_kernels *kernels;
    const float *a;
    int64_t lda;
    const float *b;
    int64_t ldb;
    const float *dy;
    int64_t lddy;
    float *dx;
    int64_t lddx;
    float *dz;
    int64_t lddz;
    const float *weight;
    float offset;
    float epsilon;
    int64_t C;
    int64_t groups;
    bool sums_weight, sums_bias;
    uint64_t seed, stream, position;
} iqk_gradient_job;

static const iqk_gradient_kernels *iqk_gradients_of(const iqk_context *context) {
    return iqk_context_kernels(context)->gradients;
}

// MARK: Norms

/// The calling thread's share of dweight [C] and dbias [C].
static float *iqk_row_sums(const iqk_gradient_job *job, int32_t thread) {
    return iqk_scratch(job->context, thread, IQK_SCRATCH_ROW_SUMS, 2 * (size_t)job->C * sizeof(float));
}

static void iqk_rms_norm_backward_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    const iqk_gradient_job *job = argument;
    float *dweight = job->sums_weight ? iqk_row_sums(job, thread) : NULL;
    for (int64_t index = first; index < last; index++) {
        const int64_t row = index / job->groups, column = index % job->groups * job->C;
        job->kernels->rms_norm(job->a + row * job->lda + column, job->weight, job->offset, job->epsilon,
                               job->dy + row * job->lddy + column, job->dx + row * job->lddx + column, dweight, job->C);
    }
}

static void iqk_layer_norm_backward_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    const iqk_gradient_job *job = argument;
    float *sums = job->sums_weight || job->sums_bias ? iqk_row_sums(job, thread) : NULL;
    for (int64_t row = first; row < last; row++) {
        job->kernels->layer_norm(job->a + row * job->lda, job->weight, job->epsilon, job->dy + row * job->lddy,
                                 job->dx + row * job->lddx, job->sums_weight ? sums : NULL,
                                 job->sums_bias ? sums + job->C : NULL, job->C);
    }
}

/// Runs a norm's backward pass over `count` groups and adds the threads' sums to dweight and dbias.
static iqk_status iqk_run_norm(iqk_gradient_job *job, int64_t count, iqk_range_function part, float *dweight,
                               float *dbias) {
    job->sums_weight = dweight != NULL;
    job->sums_bias = dbias != NULL;
    const int32_t threads = iqk_context_threads(job->context);
    if (dweight || dbias) {
        for (int32_t thread = 0; thread < threads; thread++) {
            float *sums = iqk_row_sums(job, thread);
            if (sums == NULL) return IQK_OUT_OF_MEMORY;
            memset(sums, 0, 2 * (size_t)job->C * sizeof(float));
        }
    }
    iqk_parallel_for_grain(job->context, count, iqk_rows_worth_a_thread(IQK_ELEMENTS_PER_THREAD, job->C), part, job);
    if (!dweight && !dbias) return IQK_OK;
    for (int32_t thread = 0; thread < threads; thread++) {
        const float *sums = iqk_row_sums(job, thread);
        if (dweight) job->kernels->add_multiple(1, sums, dweight, job->C);
        if (dbias) job->kernels->add_multiple(1, sums + job->C, dbias, job->C);
    }
    return IQK_OK;
}

iqk_status iqk_rms_norm_backward(iqk_context *context, const float *x, int64_t ldx, const float *weight,
                                 float weight_offset, float epsilon, const float *dy, int64_t lddy, float *dx,
                                 int64_t lddx, float *dweight, int64_t T, int64_t groups, int64_t C) {
    if (T < 0 || groups < 1 || C < 1) return IQK_INVALID_ARGUMENT;
    iqk_gradient_job job = {.context = context, .kernels = iqk_gradients_of(context), .a = x, .lda = ldx, .dy = dy,
                            .lddy = lddy, .dx = dx, .lddx = lddx, .weight = weight, .offset = weight_offset,
                            .epsilon = epsilon, .C = C, .groups = groups};
    return iqk_run_norm(&job, T * groups, iqk_rms_norm_backward_part, dweight, NULL);
}

iqk_status iqk_layer_norm_backward(iqk_context *context, const float *x, int64_t ldx, const float *weight,
                                   float epsilon, const float *dy, int64_t lddy, float *dx, int64_t lddx,
                                   float *dweight, float *dbias, int64_t T, int64_t C) {
    if (T < 0 || C < 1) return IQK_INVALID_ARGUMENT;
    iqk_gradient_job job = {.context = context, .kernels = iqk_gradients_of(context), .a = x, .lda = ldx, .dy = dy,
                            .lddy = lddy, .dx = dx, .lddx = lddx, .weight = weight, .epsilon = epsilon, .C = C,
                            .groups = 1};
    return iqk_run_norm(&job, T, iqk_layer_norm_backward_part, dweight, dbias);
}

// MARK: Element by element

#define IQK_DEFINE_GRADIENT_PART(name, ...)                                                                          \
    static void iqk_##name##_backward_part(void *argument, int32_t thread, int64_t first, int64_t last) {            \
        (void)thread;                                                                                                \
        const iqk_gradient_job *job = argument;                                                                      \
        for (int64_t row = first; row < last; row++) {                                                               \
            const float *a = job->a + row * job->lda, *dy = job->dy + row * job->lddy;                               \
            float *dx = job->dx + row * job->lddx;                                                                   \
            job->kernels->name(__VA_ARGS__);                                                                         \
        }                                                                                                            \
    }

IQK_DEFINE_GRADIENT_PART(silu_multiply, a, job->b + row * job->ldb, dy, dx, job->dz + row * job->lddz, job->C)
IQK_DEFINE_GRADIENT_PART(gelu_tanh_multiply, a, job->b + row * job->ldb, dy, dx, job->dz + row * job->lddz, job->C)
IQK_DEFINE_GRADIENT_PART(gelu_erf, a, dy, dx, job->C)
IQK_DEFINE_GRADIENT_PART(tanh, a, dy, dx, job->C)

static iqk_status iqk_run_gradient_rows(iqk_context *context, iqk_gradient_job job, int64_t T,
                                        int64_t elements_per_thread, iqk_range_function part) {
    if (T < 0 || job.C < 0) return IQK_INVALID_ARGUMENT;
    job.context = context;
    job.kernels = iqk_gradients_of(context);
    iqk_parallel_for_grain(context, T, iqk_rows_worth_a_thread(elements_per_thread, job.C), part, &job);
    return IQK_OK;
}

iqk_status iqk_silu_multiply_backward(iqk_context *context, const float *gate, int64_t ldg, const float *up,
                                      int64_t ldu, const float *dy, int64_t lddy, float *dgate, int64_t lddg,
                                      float *dup, int64_t lddu, int64_t T, int64_t C) {
    const iqk_gradient_job job = {.a = gate, .lda = ldg, .b = up, .ldb = ldu, .dy = dy, .lddy = lddy, .dx = dgate,
                                  .lddx = lddg, .dz = dup, .lddz = lddu, .C = C};
    return iqk_run_gradient_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_silu_multiply_backward_part);
}

iqk_status iqk_gelu_tanh_multiply_backward(iqk_context *context, const float *gate, int64_t ldg, const float *up,
                                           int64_t ldu, const float *dy, int64_t lddy, float *dgate, int64_t lddg,
                                           float *dup, int64_t lddu, int64_t T, int64_t C) {
    const iqk_gradient_job job = {.a = gate, .lda = ldg, .b = up, .ldb = ldu, .dy = dy, .lddy = lddy, .dx = dgate,
                                  .lddx = lddg, .dz = dup, .lddz = lddu, .C = C};
    return iqk_run_gradient_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_gelu_tanh_multiply_backward_part);
}

iqk_status iqk_gelu_erf_backward(iqk_context *context, const float *x, int64_t ldx, const float *dy, int64_t lddy,
                                 float *dx, int64_t lddx, int64_t T, int64_t C) {
    const iqk_gradient_job job = {.a = x, .lda = ldx, .dy = dy, .lddy = lddy, .dx = dx, .lddx = lddx, .C = C};
    return iqk_run_gradient_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_gelu_erf_backward_part);
}

iqk_status iqk_tanh_backward(iqk_context *context, const float *y, int64_t ldy, const float *dy, int64_t lddy,
                             float *dx, int64_t lddx, int64_t T, int64_t C) {
    const iqk_gradient_job job = {.a = y, .lda = ldy, .dy = dy, .lddy = lddy, .dx = dx, .lddx = lddx, .C = C};
    return iqk_run_gradient_rows(context, job, T, IQK_ELEMENTS_PER_THREAD, iqk_tanh_backward_part);
}

static void iqk_dropout_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_gradient_job *job = argument;
    for (int64_t row = first; row < last; row++) {
        job->kernels->dropout(job->a + row * job->lda, job->offset, job->seed, job->stream,
                              job->position + (uint64_t)(row * job->C), job->dx + row * job->lddx, job->C);
    }
}

iqk_status iqk_dropout(iqk_context *context, const float *x, int64_t ldx, float rate, uint64_t seed, uint64_t stream,
                       uint64_t position, float *y, int64_t ldy, int64_t T, int64_t C) {
    if (!(rate >= 0 && rate < 1)) return IQK_INVALID_ARGUMENT;
    const iqk_gradient_job job = {.a = x, .lda = ldx, .dx = y, .lddx = ldy, .offset = rate, .seed = seed,
                                  .stream = stream, .position = position, .C = C};
    return iqk_run_gradient_rows(context, job, T, IQK_EXPONENTIALS_PER_THREAD, iqk_dropout_part);
}

// MARK: Sums into shared rows

static void iqk_add_bias_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_gradient_job *job = argument;
    for (int64_t row = first; row < last; row++) job->kernels->add_multiple(1, job->a, job->dx + row * job->lddx, job->C);
}

iqk_status iqk_add_bias(iqk_context *context, const float *bias, float *y, int64_t ldy, int64_t T, int64_t C) {
    const iqk_gradient_job job = {.a = bias, .dx = y, .lddx = ldy, .C = C};
    return iqk_run_gradient_rows(context, job, T, IQK_ELEMENTS_PER_THREAD, iqk_add_bias_part);
}

typedef struct iqk_column_job {
    const iqk_gradient_kernels *kernels;
    const float *dy;
    int64_t lddy;
    const int32_t *rows;
    float factor;
    float *table;
    int64_t ldt;
    int64_t T;
    int64_t C;
} iqk_column_job;

/// Columns are shared out in runs of this many, so that two threads do not write to one cache line.
enum { IQK_COLUMN_RUN = 16 };

/// Adds all rows of the job's columns, in order: a row that is named twice needs no lock.
static void iqk_column_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_column_job *job = argument;
    const int64_t start = first * IQK_COLUMN_RUN;
    const int64_t count = (last * IQK_COLUMN_RUN < job->C ? last * IQK_COLUMN_RUN : job->C) - start;
    for (int64_t t = 0; t < job->T; t++) {
        job->kernels->add_multiple(job->factor, job->dy + t * job->lddy + start,
                                   job->table + (job->rows ? job->rows[t] * job->ldt : 0) + start, count);
    }
}

static iqk_status iqk_run_columns(iqk_context *context, iqk_column_job job) {
    if (job.T < 0 || job.C < 0) return IQK_INVALID_ARGUMENT;
    job.kernels = iqk_gradients_of(context);
    iqk_parallel_for_grain(context, (job.C + IQK_COLUMN_RUN - 1) / IQK_COLUMN_RUN,
                           iqk_rows_worth_a_thread(IQK_ELEMENTS_PER_THREAD, job.T * IQK_COLUMN_RUN), iqk_column_part,
                           &job);
    return IQK_OK;
}

iqk_status iqk_add_column_sums(iqk_context *context, const float *dy, int64_t lddy, float *dbias, int64_t T,
                               int64_t C) {
    return iqk_run_columns(context, (iqk_column_job){.dy = dy, .lddy = lddy, .factor = 1, .table = dbias, .T = T,
                                                     .C = C});
}

iqk_status iqk_scatter_add_rows(iqk_context *context, const float *dy, int64_t lddy, const int32_t *rows, float factor,
                                float *table, int64_t ldt, int64_t T, int64_t C) {
    return iqk_run_columns(context, (iqk_column_job){.dy = dy, .lddy = lddy, .rows = rows, .factor = factor,
                                                     .table = table, .ldt = ldt, .T = T, .C = C});
}
