// The softmax over the vocabulary for blocks of rows, and the optimiser: every thread takes a run of rows or of numbers.
#include "internal.h"

#include <string.h>

// MARK: Softmax over the vocabulary

typedef struct iqk_vocabulary_job {
    const iqk_gradient_kernels *kernels;
    float *logits;
    int64_t ldl;
    float inverse_temperature;
    float *log_sum_exp;
    float *entropy;
    const int32_t *targets;
    const float *dlogp;
    const float *dentropy;
    iqk_divergence kind;
    float beta;
    const float *teacher_logits;
    int64_t ldt;
    const float *teacher_log_sum_exp;
    float *value;
    const float *dvalue;
    int64_t V;
} iqk_vocabulary_job;

static void iqk_softmax_statistics_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_vocabulary_job *job = argument;
    for (int64_t t = first; t < last; t++) {
        job->kernels->softmax_statistics(job->logits + t * job->ldl, job->inverse_temperature, job->log_sum_exp + t,
                                         job->entropy ? job->entropy + t : NULL, job->V);
    }
}

static void iqk_softmax_backward_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_vocabulary_job *job = argument;
    for (int64_t t = first; t < last; t++) {
        job->kernels->softmax(job->logits + t * job->ldl, job->inverse_temperature, job->log_sum_exp[t],
                              job->targets[t], job->dlogp[t], job->entropy ? job->entropy[t] : 0,
                              job->dentropy ? job->dentropy[t] : 0, job->V);
    }
}

static void iqk_divergence_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_vocabulary_job *job = argument;
    for (int64_t t = first; t < last; t++) {
        job->value[t] = job->kernels->divergence(job->kind, job->beta, job->inverse_temperature,
                                                 job->logits + t * job->ldl, job->log_sum_exp[t],
                                                 job->teacher_logits + t * job->ldt, job->teacher_log_sum_exp[t],
                                                 job->dvalue ? job->dvalue + t : NULL, job->V);
    }
}

static iqk_status iqk_run_vocabulary(iqk_context *context, iqk_vocabulary_job job, int64_t T, iqk_range_function part) {
    if (T < 0 || job.V < 1) return IQK_INVALID_ARGUMENT;
    job.kernels = iqk_context_kernels(context)->gradients;
    iqk_parallel_for(context, T, part, &job);
    return IQK_OK;
}

iqk_status iqk_softmax_statistics(iqk_context *context, const float *logits, int64_t ldl, float inverse_temperature,
                                  float *log_sum_exp, float *entropy, int64_t T, int64_t V) {
    // Only read by this part.
    const iqk_vocabulary_job job = {.logits = (float *)logits, .ldl = ldl, .inverse_temperature = inverse_temperature,
                                    .log_sum_exp = log_sum_exp, .entropy = entropy, .V = V};
    return iqk_run_vocabulary(context, job, T, iqk_softmax_statistics_part);
}

iqk_status iqk_softmax_backward(iqk_context *context, float *logits, int64_t ldl, float inverse_temperature,
                                const float *log_sum_exp, const int32_t *targets, const float *dlogp,
                                const float *entropy, const float *dentropy, int64_t T, int64_t V) {
    if ((entropy == NULL) != (dentropy == NULL)) return IQK_INVALID_ARGUMENT;
    const iqk_vocabulary_job job = {.logits = logits, .ldl = ldl, .inverse_temperature = inverse_temperature,
                                    .log_sum_exp = (float *)log_sum_exp, .targets = targets, .dlogp = dlogp,
                                    .entropy = (float *)entropy, .dentropy = dentropy, .V = V};
    return iqk_run_vocabulary(context, job, T, iqk_softmax_backward_part);
}

iqk_status iqk_divergence_rows(iqk_context *context, iqk_divergence kind, float beta, float inverse_temperature,
                               float *logits, int64_t ldl, const float *log_sum_exp, const float *teacher_logits,
                               int64_t ldt, const float *teacher_log_sum_exp, float *value, const float *dvalue,
                               int64_t T, int64_t V) {
    if (kind == IQK_DIVERGENCE_JENSEN_SHANNON && !(beta > 0 && beta < 1)) return IQK_INVALID_ARGUMENT;
    const iqk_vocabulary_job job = {.logits = logits, .ldl = ldl, .inverse_temperature = inverse_temperature,
                                    .log_sum_exp = (float *)log_sum_exp, .kind = kind, .beta = beta,
                                    .teacher_logits = teacher_logits, .ldt = ldt,
                                    .teacher_log_sum_exp = teacher_log_sum_exp, .value = value, .dvalue = dvalue,
                                    .V = V};
    return iqk_run_vocabulary(context, job, T, iqk_divergence_part);
}

// MARK: Optimiser

/// Numbers are shared out in runs of this many.
enum { IQK_OPTIMISER_RUN = 1024, IQK_OPTIMISER_RUNS_PER_THREAD = 16 };

typedef struct iqk_optimiser_job {
    const iqk_gradient_kernels *kernels;
    const iqk_adamw_settings *settings;
    float *weights;
    const float *gradients;
    float *m;
    float *v;
    int64_t count;
    double *sums;
} iqk_optimiser_job;

static int64_t iqk_run_start(int64_t run) { return run * IQK_OPTIMISER_RUN; }

static int64_t iqk_run_end(const iqk_optimiser_job *job, int64_t run) {
    return run * IQK_OPTIMISER_RUN < job->count ? run * IQK_OPTIMISER_RUN : job->count;
}

static void iqk_adamw_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_optimiser_job *job = argument;
    const int64_t start = iqk_run_start(first), count = iqk_run_end(job, last) - start;
    job->kernels->adamw(job->settings, job->weights + start, job->gradients + start, job->m + start, job->v + start,
                        count);
}

static void iqk_sum_of_squares_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    const iqk_optimiser_job *job = argument;
    const int64_t start = iqk_run_start(first), count = iqk_run_end(job, last) - start;
    job->sums[thread] = job->kernels->sum_of_squares(job->gradients + start, count);
}

static void iqk_clear_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_optimiser_job *job = argument;
    const int64_t start = iqk_run_start(first), count = iqk_run_end(job, last) - start;
    memset(job->weights + start, 0, (size_t)count * sizeof(float));
}

static iqk_status iqk_run_optimiser(iqk_context *context, iqk_optimiser_job job, iqk_range_function part) {
    if (job.count < 0) return IQK_INVALID_ARGUMENT;
    job.kernels = iqk_context_kernels(context)->gradients;
    iqk_parallel_for_grain(context, (job.count + IQK_OPTIMISER_RUN - 1) / IQK_OPTIMISER_RUN,
                           IQK_OPTIMISER_RUNS_PER_THREAD, part, &job);
    return IQK_OK;
}

iqk_status iqk_adamw(iqk_context *context, const iqk_adamw_settings *settings, float *weights, const float *gradients,
                     float *m, float *v, int64_t count) {
    const iqk_optimiser_job job = {.settings = settings, .weights = weights, .gradients = gradients, .m = m, .v = v,
                                   .count = count};
    return iqk_run_optimiser(context, job, iqk_adamw_part);
}

iqk_status iqk_sum_of_squares(iqk_context *context, const float *x, int64_t count, double *sum) {
    const int32_t threads = iqk_context_threads(context);
    double *sums = iqk_scratch(context, 0, IQK_SCRATCH_ROW_SUMS, (size_t)threads * sizeof(double));
    if (sums == NULL) return IQK_OUT_OF_MEMORY;
    for (int32_t thread = 0; thread < threads; thread++) sums[thread] = 0;
    const iqk_optimiser_job job = {.gradients = x, .count = count, .sums = sums};
    const iqk_status status = iqk_run_optimiser(context, job, iqk_sum_of_squares_part);
    *sum = 0;
    for (int32_t thread = 0; thread < threads; thread++) *sum += sums[thread];
    return status;
}

iqk_status iqk_clear(iqk_context *context, float *x, int64_t count) {
    return iqk_run_optimiser(context, (iqk_optimiser_job){.weights = x, .count = count}, iqk_clear_part);
}
