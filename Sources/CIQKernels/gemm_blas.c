// The f32 matrix product of the system's BLAS: OpenBLAS on Linux, Accelerate on Apple platforms.
//
// OpenBLAS is held to one thread and split over the context's own threads, so that two thread pools do not compete for the
// same processors. Accelerate brings its own units and scheduling, and takes each product whole.
#include "gemm.h"

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

/// BLAS wants leading dimensions of at least 1, also of an empty operand.
static iqk_blas_int iqk_leading(int64_t dimension) { return dimension > 0 ? (iqk_blas_int)dimension : 1; }

void iqk_sgemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K, float alpha, const float *a,
               int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
                (iqk_blas_int)M, (iqk_blas_int)N, (iqk_blas_int)K, alpha, a, iqk_leading(lda), b, iqk_leading(ldb), beta,
                c, iqk_leading(ldc));
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

static void iqk_multiply_by_blas(const iqk_gemm_job *job, void *scratch) {
    (void)scratch;
    iqk_sgemm(job->a.transposed, job->b.transposed, job->M, job->N, job->K, job->alpha, job->a.start, job->a.stride,
              job->b.start, job->b.stride, job->beta, job->c, job->ldc);
}

const iqk_gemm_kernel iqk_gemm_kernel_blas = {
    .multiply = iqk_multiply_by_blas,
    .smallest_share = 1 << 19,
#if defined(__APPLE__)
    .takes_all = true,
#endif
};
