// The f32 matrix product, over the system's BLAS: OpenBLAS on Linux, Accelerate on Apple platforms.
//
// OpenBLAS is held to one thread and split over the context's own threads, so that two thread pools do not compete for the
// same processors. Accelerate brings its own units and scheduling, and takes each product whole.
#include "internal.h"

#include <limits.h>
#include <pthread.h>

#if defined(__APPLE__)
#define ACCELERATE_NEW_LAPACK
#include <Accelerate/Accelerate.h>
#define IQK_HAS_BLAS 1
typedef __LAPACK_int iqk_blas_int;
#elif defined(IQK_USE_OPENBLAS)
#include <cblas.h>
#define IQK_HAS_BLAS 1
typedef blasint iqk_blas_int;
#endif

#if defined(IQK_USE_OPENBLAS)
static void iqk_hold_to_one_thread(void) { openblas_set_num_threads(1); }

void iqk_sgemm_prepare(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, iqk_hold_to_one_thread);
}
#else
void iqk_sgemm_prepare(void) {}
#endif

#if defined(IQK_HAS_BLAS)

void iqk_sgemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K, float alpha, const float *a,
               int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
                (iqk_blas_int)M, (iqk_blas_int)N, (iqk_blas_int)K, alpha, a, (iqk_blas_int)lda, b, (iqk_blas_int)ldb,
                beta, c, (iqk_blas_int)ldc);
}

#else

void iqk_sgemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K, float alpha, const float *a,
               int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    for (int64_t m = 0; m < M; m++) {
        for (int64_t n = 0; n < N; n++) {
            float sum = 0;
            for (int64_t k = 0; k < K; k++) {
                sum += (transpose_a ? a[k * lda + m] : a[m * lda + k]) * (transpose_b ? b[n * ldb + k] : b[k * ldb + n]);
            }
            // As in BLAS, a factor of 0 means that c is not read.
            c[m * ldc + n] = alpha * sum + (beta == 0 ? 0 : beta * c[m * ldc + n]);
        }
    }
}

#endif

typedef struct iqk_gemm_job {
    bool transpose_a, transpose_b, split_rows;
    int64_t M, N, K;
    float alpha;
    const float *a;
    int64_t lda;
    const float *b;
    int64_t ldb;
    float beta;
    float *c;
    int64_t ldc;
    /// The loop counts runs of this many rows or columns.
    int64_t run;
} iqk_gemm_job;

static void iqk_gemm_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_gemm_job *job = argument;
    const int64_t extent = job->split_rows ? job->M : job->N;
    const int64_t start = first * job->run;
    const int64_t count = (last * job->run < extent ? last * job->run : extent) - start;
    if (job->split_rows) {
        iqk_sgemm(job->transpose_a, job->transpose_b, count, job->N, job->K, job->alpha,
                  job->a + start * (job->transpose_a ? 1 : job->lda), job->lda, job->b, job->ldb, job->beta,
                  job->c + start * job->ldc, job->ldc);
    } else {
        iqk_sgemm(job->transpose_a, job->transpose_b, job->M, count, job->K, job->alpha, job->a, job->lda,
                  job->b + start * (job->transpose_b ? job->ldb : 1), job->ldb, job->beta, job->c + start, job->ldc);
    }
}

iqk_status iqk_gemm(iqk_context *context, iqk_precision precision, bool transpose_a, bool transpose_b, int64_t M,
                    int64_t N, int64_t K, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb,
                    float beta, float *c, int64_t ldc) {
    if (precision != IQK_PRECISION_F32) return IQK_UNSUPPORTED_FORMAT;
    const int64_t limit = INT_MAX;
    if (M < 0 || N < 0 || K < 0 || M > limit || N > limit || K > limit || lda > limit || ldb > limit || ldc > limit) {
        return IQK_INVALID_ARGUMENT;
    }
    if (M == 0 || N == 0) return IQK_OK;
    // BLAS wants leading dimensions of at least 1, also of an empty operand.
    iqk_gemm_job job = {transpose_a, transpose_b, M > N, M, N, K, alpha, a, lda > 0 ? lda : 1, b, ldb > 0 ? ldb : 1,
                        beta, c, ldc, 16};
#if defined(__APPLE__)
    (void)context;
    job.run = M > N ? M : N;
    iqk_gemm_part(&job, 0, 0, 1);
#else
    const int64_t extent = job.split_rows ? M : N, other = job.split_rows ? N : M;
    // A thread's share should be worth tens of microseconds: about half a million multiplications.
    const int64_t work_of_run = job.run * other * (K > 0 ? K : 1);
    const int64_t grain = work_of_run >= 1 << 19 ? 1 : (1 << 19) / work_of_run;
    iqk_parallel_for_grain(context, (extent + job.run - 1) / job.run, grain, iqk_gemm_part, &job);
#endif
    return IQK_OK;
}
