// The general matrix product: chooses the level's kernel and splits the result among threads.
//
// Threads share nothing but the operands: each computes a rectangle of the result from beginning to end, and prepares the
// rows and columns that it needs by itself. That costs a few percent where two threads prepare the same rows, and saves
// every meeting of threads within a product.
#include "gemm.h"

#include <limits.h>

enum {
    /// Rectangles begin at multiples of these.
    ROW_RUN = 8,
    COLUMN_RUN = 16,
    /// What preparing one element of a row or column costs, in multiplications.
    PREPARATION_COST = 8,
};

static const iqk_gemm_kernel *kernel_of(const iqk_context *context, iqk_precision precision) {
#if defined(__x86_64__)
    if (iqk_context_level(context) == IQK_LEVEL_AVX512) {
        if (precision == IQK_PRECISION_F32) return &iqk_gemm_kernel_avx512;
        if (__builtin_cpu_supports("avx512bf16")) return &iqk_gemm_kernel_avx512_bf16;
        return &iqk_gemm_kernel_avx512_rounded;
    }
#else
    (void)context;
#endif
    return precision == IQK_PRECISION_BF16 ? &iqk_gemm_kernel_rounded : &iqk_gemm_kernel_blas;
}

static int64_t runs_of(int64_t extent, int64_t run) { return (extent + run - 1) / run; }

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// MARK: Rectangles

typedef struct gemm_call {
    iqk_gemm_job job;
    const iqk_gemm_kernel *kernel;
    iqk_context *context;
    /// The result is cut into this many runs of rows and of columns.
    int32_t row_parts, column_parts;
} gemm_call;

/// Where part `index` of `parts` begins, in runs.
static int64_t part_start(int64_t runs, int32_t parts, int32_t index) { return runs * index / parts; }

static void multiply_part(void *argument, int32_t thread, int32_t threads) {
    (void)threads;
    const gemm_call *call = argument;
    const int32_t row_part = thread / call->column_parts, column_part = thread % call->column_parts;
    iqk_gemm_job job = call->job;
    const int64_t row_runs = runs_of(job.M, ROW_RUN), column_runs = runs_of(job.N, COLUMN_RUN);
    const int64_t m = part_start(row_runs, call->row_parts, row_part) * ROW_RUN;
    const int64_t n = part_start(column_runs, call->column_parts, column_part) * COLUMN_RUN;
    job.M = smaller(part_start(row_runs, call->row_parts, row_part + 1) * ROW_RUN, job.M) - m;
    job.N = smaller(part_start(column_runs, call->column_parts, column_part + 1) * COLUMN_RUN, job.N) - n;
    if (job.M <= 0 || job.N <= 0) return;
    job.a = iqk_operand_part(job.a, m, 0);
    job.b = iqk_operand_part(job.b, 0, n);
    job.c += m * job.ldc + n;
    void *scratch = NULL;
    // Reserved before the threads began: this finds memory.
    if (call->kernel->scratch_bytes > 0) {
        scratch = iqk_scratch(call->context, thread, IQK_SCRATCH_GEMM, call->kernel->scratch_bytes);
    }
    call->kernel->multiply(&job, scratch);
}

/// Chooses how to cut the result for `threads` threads: the cheapest grid, by sizes alone.
static void choose_parts(gemm_call *call, int32_t threads) {
    const iqk_gemm_job *job = &call->job;
    const int64_t row_runs = runs_of(job->M, ROW_RUN), column_runs = runs_of(job->N, COLUMN_RUN);
    double cheapest = -1;
    for (int32_t row_parts = 1; row_parts <= threads; ++row_parts) {
        const int32_t column_parts = threads / row_parts;
        const double rows = (double)(runs_of(row_runs, row_parts) * ROW_RUN);
        const double columns = (double)(runs_of(column_runs, column_parts) * COLUMN_RUN);
        const double cost = rows * columns + PREPARATION_COST * (rows + columns);
        if (cheapest >= 0 && cost >= cheapest) continue;
        cheapest = cost;
        call->row_parts = row_parts;
        call->column_parts = column_parts;
    }
}

// MARK: Products

/// c = beta * c
static void scale_result(const iqk_gemm_job *job) {
    for (int64_t m = 0; m < job->M; ++m) {
        float *row = job->c + m * job->ldc;
        for (int64_t n = 0; n < job->N; ++n) row[n] = job->beta == 0 ? 0 : job->beta * row[n];
    }
}

static bool has_no_product(const iqk_gemm_job *job) { return job->K == 0 || job->alpha == 0; }

static iqk_status multiply(iqk_context *context, const iqk_gemm_kernel *chosen, const iqk_gemm_job *job) {
    const int64_t limit = INT_MAX, M = job->M, N = job->N, K = job->K;
    if (M < 0 || N < 0 || K < 0 || M > limit || N > limit || K > limit || job->a.stride > limit
        || job->b.stride > limit || job->ldc > limit) {
        return IQK_INVALID_ARGUMENT;
    }
    if (M == 0 || N == 0) return IQK_OK;
    gemm_call call = {.job = *job, .kernel = chosen, .context = context};
    if (has_no_product(&call.job)) {
        scale_result(&call.job);
        return IQK_OK;
    }
    const iqk_gemm_kernel *kernel = call.kernel;
    if (kernel->scratch_bytes > 0 && !iqk_scratch_reserve(context, IQK_SCRATCH_GEMM, kernel->scratch_bytes)) {
        return IQK_OUT_OF_MEMORY;
    }
    // In f64, which holds any product of the sizes.
    const double shares = (double)M * (double)N * (double)K / (double)kernel->smallest_share;
    int32_t threads = iqk_context_threads(context);
    if (shares < threads) threads = shares < 1 ? 1 : (int32_t)shares;
    choose_parts(&call, kernel->takes_all ? 1 : threads);
    iqk_run_threads(context, call.row_parts * call.column_parts, multiply_part, &call);
    return IQK_OK;
}

iqk_status iqk_gemm(iqk_context *context, iqk_precision precision, bool transpose_a, bool transpose_b, int64_t M,
                    int64_t N, int64_t K, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb,
                    float beta, float *c, int64_t ldc) {
    const iqk_operand left = {a, lda, transpose_a, false}, right = {b, ldb, transpose_b, false};
    const iqk_gemm_job job = {M, N, K, alpha, left, right, beta, c, ldc};
    return multiply(context, kernel_of(context, precision), &job);
}

iqk_status iqk_gemm_rounded(iqk_context *context, iqk_operand a, iqk_operand b, int64_t M, int64_t N, int64_t K,
                            float alpha, float beta, float *c, int64_t ldc) {
    const iqk_gemm_job job = {M, N, K, alpha, a, b, beta, c, ldc};
    return multiply(context, kernel_of(context, IQK_PRECISION_BF16), &job);
}

void iqk_gemm_local(iqk_context *context, int32_t thread, bool transpose_a, bool transpose_b, int64_t M, int64_t N,
                    int64_t K, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb, float beta,
                    float *c, int64_t ldc) {
    if (M <= 0 || N <= 0) return;
    const iqk_operand left = {a, lda, transpose_a, false}, right = {b, ldb, transpose_b, false};
    const iqk_gemm_job job = {M, N, K, alpha, left, right, beta, c, ldc};
    if (has_no_product(&job)) {
        scale_result(&job);
        return;
    }
    const iqk_gemm_kernel *kernel = kernel_of(context, IQK_PRECISION_F32);
    void *scratch = NULL;
    if (kernel->scratch_bytes > 0) scratch = iqk_scratch(context, thread, IQK_SCRATCH_GEMM, kernel->scratch_bytes);
    // Without memory the BLAS library, which has its own, computes the same to rounding.
    if (kernel->scratch_bytes > 0 && scratch == NULL) kernel = &iqk_gemm_kernel_blas;
    kernel->multiply(&job, scratch);
}

// MARK: Rounding

typedef struct round_call {
    const iqk_gemm_kernel *kernel;
    const float *x;
    int64_t ldx;
    char *y;
    int64_t ldy;
    int64_t columns;
} round_call;

static void round_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const round_call *call = argument;
    for (int64_t row = first; row < last; ++row) {
        call->kernel->round(call->x + row * call->ldx, call->y + row * call->ldy * 2, call->columns);
    }
}

iqk_status iqk_round_rows(iqk_context *context, const float *x, int64_t ldx, void *y, int64_t ldy, int64_t T, int64_t C) {
    if (T < 0 || C < 0) return IQK_INVALID_ARGUMENT;
    round_call call = {kernel_of(context, IQK_PRECISION_BF16), x, ldx, y, ldy, C};
    iqk_parallel_for(context, T, round_part, &call);
    return IQK_OK;
}
