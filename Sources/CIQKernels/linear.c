// Products of activations with stored weights, gathering and conversion: shares work among the threads of a context and
// calls the row kernels of its level.

#include "linear.h"

#include "internal.h"

enum {
    /// Weight rows are shared out in runs of this many.
    ROW_RUN = 8,
    /// Multiplications that are worth waking a thread for.
    SMALLEST_SHARE = 1 << 17,
    /// Bytes of activations that row kernels go over again and again; they shall stay in the second cache.
    ACTIVATION_BLOCK_BYTES = 256 * 1024,
    /// Bytes of an expanded panel that is handed to the general product, and the fewest rows of one.
    PANEL_BYTES = 512 * 1024,
    SMALLEST_PANEL = 96,
    /// Elements that are worth waking a thread for when weights are only expanded.
    SMALLEST_EXPANSION = 1 << 15,
};

static const iqk_linear_kernels *kernels_of(const iqk_context *context) {
    switch (iqk_context_level(context)) {
#if defined(__x86_64__)
    case IQK_LEVEL_AVX2: return &iqk_linear_kernels_avx2;
    case IQK_LEVEL_AVX512: return iqk_has_vnni() ? &iqk_linear_kernels_vnni : &iqk_linear_kernels_avx512;
#endif
#if defined(__aarch64__)
    case IQK_LEVEL_NEON: return &iqk_linear_kernels_neon;
#endif
    default: return &iqk_linear_kernels_portable;
    }
}

static bool format_is_known(iqk_format format) { return iqk_format_block_length(format) > 0; }

static int64_t at_least_one(int64_t value) { return value < 1 ? 1 : value; }

// MARK: Products

typedef struct linear_call {
    iqk_linear_job job;
    const iqk_linear_kernels *kernels;
    iqk_linear_rows rows;
    iqk_context *context;
    /// Rows of x that are multiplied before the next ones.
    int64_t block;
    /// The activations rounded to bf16, [T, K], where the product asks for that.
    float *rounded_x;
} linear_call;

/// Multiplies the weight rows of runs first ..< last.
static void multiply_runs(void *argument, int32_t thread, int64_t first, int64_t last) {
    const linear_call *call = argument;
    iqk_linear_job job = call->job;
    const int64_t end = last * ROW_RUN < job.N ? last * ROW_RUN : job.N;
    const size_t bytes = (size_t)(IQK_SCRATCH_ROWS * iqk_rounded_up(job.K, IQK_BLOCK)) * sizeof(float);
    float *scratch = iqk_scratch(call->context, thread, IQK_SCRATCH_LINEAR_0, bytes);
    for (int64_t t = 0; t < call->job.T; t += call->block) {
        job.T = call->job.T - t < call->block ? call->job.T - t : call->block;
        job.x = call->job.x + t * job.ldx;
        job.y = call->job.y + t * job.ldy;
        if (call->job.rounded.q) job.rounded = iqk_rounded_from(&call->job, t);
        call->rows(&job, first * ROW_RUN, end, scratch);
    }
}

static void round_rows(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const linear_call *call = argument;
    for (int64_t t = first; t < last; ++t) call->kernels->round_row(&call->job, t);
}

typedef struct panel_call {
    iqk_linear_job job;
    const iqk_linear_kernels *kernels;
    iqk_context *context;
    int64_t panel_rows;
} panel_call;

/// Adds the bias to the outputs [T, first ..< first + count].
static void add_bias(const iqk_linear_job *job, int64_t first, int64_t count) {
    if (!job->bias) return;
    for (int64_t t = 0; t < job->T; ++t) {
        float *y = job->y + t * job->ldy + first;
        for (int64_t n = 0; n < count; ++n) y[n] += job->bias[first + n];
    }
}

/// Expands panels of weight rows and hands them to the general product.
static void multiply_panels(void *argument, int32_t thread, int64_t first, int64_t last) {
    const panel_call *call = argument;
    const iqk_linear_job *job = &call->job;
    const size_t bytes = (size_t)(call->panel_rows * job->K) * sizeof(float);
    float *panel = iqk_scratch(call->context, thread, IQK_SCRATCH_LINEAR_0, bytes);
    for (int64_t index = first; index < last; ++index) {
        const int64_t n = index * call->panel_rows;
        const int64_t rows = job->N - n < call->panel_rows ? job->N - n : call->panel_rows;
        call->kernels->dequantize(job->format, job->w + n * job->row_bytes, panel, rows * job->K);
        iqk_gemm_local(call->context, thread, false, true, job->T, rows, job->K, 1, job->x, job->ldx, panel, job->K, 0,
                       job->y + n, job->ldy);
        add_bias(job, n, rows);
    }
}

static iqk_status linear_by_panels(iqk_context *context, const iqk_linear_kernels *kernels, const iqk_linear_job *job) {
    const int64_t fitting = PANEL_BYTES / (job->K * (int64_t)sizeof(float)), threads = iqk_context_threads(context);
    const int64_t limit = fitting < SMALLEST_PANEL ? SMALLEST_PANEL : fitting;
    // As many panels for each thread, of about the same size.
    const int64_t panels = iqk_rounded_up((job->N + limit - 1) / limit, threads);
    panel_call call = {*job, kernels, context, iqk_rounded_up((job->N + panels - 1) / panels, 2 * ROW_RUN)};
    const size_t bytes = (size_t)(call.panel_rows * job->K) * sizeof(float);
    if (!iqk_scratch_reserve(context, IQK_SCRATCH_LINEAR_0, bytes)) return IQK_OUT_OF_MEMORY;
    iqk_parallel_for(context, (job->N + call.panel_rows - 1) / call.panel_rows, multiply_panels, &call);
    return IQK_OK;
}

/// Weights that need no expansion.
static iqk_status linear_in_place(iqk_context *context, const iqk_linear_job *job) {
    const iqk_status status = iqk_gemm(context, IQK_PRECISION_F32, false, true, job->T, job->N, job->K, 1, job->x, job->ldx,
                                       (const float *)job->w, job->K, 0, job->y, job->ldy);
    if (status == IQK_OK) add_bias(job, 0, job->N);
    return status;
}

/// Rounds the activations, and sets the pointers of the call's job to them.
static iqk_status round_activations(linear_call *call) {
    iqk_linear_job *job = &call->job;
    const int64_t blocks = job->K / IQK_BLOCK;
    iqk_context *context = call->context;
    job->rounded.q = iqk_scratch(context, 0, IQK_SCRATCH_LINEAR_1, (size_t)(job->T * job->K));
    job->rounded.scale = iqk_scratch(context, 0, IQK_SCRATCH_LINEAR_2, (size_t)(job->T * blocks) * 4);
    job->rounded.offset_share = iqk_scratch(context, 0, IQK_SCRATCH_LINEAR_3, (size_t)(job->T * blocks) * 4);
    job->rounded.correction = iqk_scratch(context, 0, IQK_SCRATCH_LINEAR_4, (size_t)(job->T * blocks) * 4);
    job->rounded.half_correction = iqk_scratch(context, 0, IQK_SCRATCH_LINEAR_5, (size_t)(job->T * blocks) * 8);
    if (!job->rounded.q || !job->rounded.scale || !job->rounded.offset_share || !job->rounded.correction
        || !job->rounded.half_correction)
        return IQK_OUT_OF_MEMORY;
    const int32_t lanes = call->kernels->integer_lanes;
    const int32_t centre = job->format == IQK_Q8_0 ? call->kernels->q8_centre : iqk_format_centre(job->format);
    job->offset_factor = 1.0f / (float)lanes;
    job->correction_factor = centre / lanes;
    // Only q6_K has scales of half blocks. Every kernel spreads each half over four lanes.
    job->half_correction_factor = centre / 4;
    iqk_parallel_for_grain(context, job->T, at_least_one(SMALLEST_EXPANSION / job->K), round_rows, call);
    return IQK_OK;
}

static void round_to_bf16(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const linear_call *call = argument;
    for (int64_t t = first; t < last; ++t) {
        const float *x = call->job.x + t * call->job.ldx;
        float *y = call->rounded_x + t * call->job.K;
        for (int64_t k = 0; k < call->job.K; ++k) y[k] = iqk_float_from_bf16(iqk_bf16_from_float(x[k]));
    }
}

/// Replaces the job's activations by rounded ones, in f32: the exact product of those is the one in bfloat16.
static iqk_status round_activations_to_bf16(linear_call *call) {
    const int64_t T = call->job.T, K = call->job.K;
    call->rounded_x = iqk_scratch(call->context, 0, IQK_SCRATCH_LINEAR_1, (size_t)(T * K) * sizeof(float));
    if (!call->rounded_x) return IQK_OUT_OF_MEMORY;
    iqk_parallel_for_grain(call->context, T, at_least_one(SMALLEST_EXPANSION / K), round_to_bf16, call);
    call->job.x = call->rounded_x;
    call->job.ldx = K;
    return IQK_OK;
}

iqk_status iqk_linear(iqk_context *context, const float *x, int64_t ldx, const void *w, iqk_format format,
                      const float *bias, float *y, int64_t ldy, int64_t T, int64_t N, int64_t K,
                      iqk_product product) {
    if (!format_is_known(format)) return IQK_UNSUPPORTED_FORMAT;
    if (T < 0 || N < 0 || K < 0 || ldx < K || ldy < N || K % iqk_format_block_length(format) != 0)
        return IQK_INVALID_ARGUMENT;
    if (T == 0 || N == 0) return IQK_OK;
    const iqk_linear_kernels *kernels = kernels_of(context);
    linear_call call = {
        .job = {.x = x, .ldx = ldx, .w = w, .row_bytes = iqk_bytes_of(format, K), .format = format, .bias = bias,
                .y = y, .ldy = ldy, .T = T, .N = N, .K = K},
        .kernels = kernels,
        .rows = kernels->exact,
        .context = context,
    };
    if (product == IQK_PRODUCT_ROUNDED && format == IQK_BF16 && K > 0) {
        const iqk_status status = round_activations_to_bf16(&call);
        if (status != IQK_OK) return status;
    }
    if (product != IQK_PRODUCT_EXACT && iqk_format_block_length(format) > 1 && K > 0) {
        const iqk_status status = round_activations(&call);
        if (status != IQK_OK) return status;
        call.rows = kernels->integer;
    } else if (kernels->gemm_rows > 0 && T >= kernels->gemm_rows && K > 0) {
        if (format == IQK_F32) return linear_in_place(context, &call.job);
        return linear_by_panels(context, kernels, &call.job);
    }
    const size_t bytes = (size_t)(IQK_SCRATCH_ROWS * iqk_rounded_up(K, IQK_BLOCK)) * sizeof(float);
    if (!iqk_scratch_reserve(context, IQK_SCRATCH_LINEAR_0, bytes)) return IQK_OUT_OF_MEMORY;
    const int64_t fitting = ACTIVATION_BLOCK_BYTES / ((int64_t)sizeof(float) * at_least_one(K));
    call.block = fitting < 12 ? 12 : fitting / 12 * 12;
    const int64_t grain = SMALLEST_SHARE / at_least_one(T * K * ROW_RUN);
    iqk_parallel_for_grain(context, (N + ROW_RUN - 1) / ROW_RUN, at_least_one(grain), multiply_runs, &call);
    return IQK_OK;
}

// MARK: Conversion and gathering

typedef struct expansion {
    const iqk_linear_kernels *kernels;
    iqk_format format;
    const uint8_t *source;
    float *destination;
    /// Elements of one item of the loop, and of all.
    int64_t length, count;
    const int32_t *rows;
    int64_t ldd;
} expansion;

static void expand_items(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const expansion *call = argument;
    const int64_t start = first * call->length;
    const int64_t end = last * call->length < call->count ? last * call->length : call->count;
    call->kernels->dequantize(call->format, call->source + iqk_bytes_of(call->format, start),
                              call->destination + start, end - start);
}

iqk_status iqk_dequantize(iqk_context *context, iqk_format format, const void *source, float *destination,
                          int64_t count) {
    if (!format_is_known(format)) return IQK_UNSUPPORTED_FORMAT;
    if (count < 0 || count % iqk_format_block_length(format) != 0) return IQK_INVALID_ARGUMENT;
    if (count == 0) return IQK_OK;
    expansion call = {.kernels = kernels_of(context), .format = format, .source = source, .destination = destination,
                      .length = IQK_SUPER_BLOCK, .count = count};
    iqk_parallel_for_grain(context, (count + IQK_SUPER_BLOCK - 1) / IQK_SUPER_BLOCK,
                           SMALLEST_EXPANSION / IQK_SUPER_BLOCK, expand_items, &call);
    return IQK_OK;
}

static void gather_items(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const expansion *call = argument;
    const int64_t row_bytes = iqk_bytes_of(call->format, call->length);
    for (int64_t i = first; i < last; ++i)
        call->kernels->dequantize(call->format, call->source + call->rows[i] * row_bytes,
                                  call->destination + i * call->ldd, call->length);
}

iqk_status iqk_gather_rows(iqk_context *context, const void *table, iqk_format format, const int32_t *rows, int64_t T,
                           int64_t C, float *destination, int64_t ldd) {
    if (!format_is_known(format)) return IQK_UNSUPPORTED_FORMAT;
    if (T < 0 || C < 0 || ldd < C || C % iqk_format_block_length(format) != 0) return IQK_INVALID_ARGUMENT;
    if (T == 0 || C == 0) return IQK_OK;
    expansion call = {.kernels = kernels_of(context), .format = format, .source = table, .destination = destination,
                      .length = C, .count = C, .rows = rows, .ldd = ldd};
    iqk_parallel_for_grain(context, T, at_least_one(SMALLEST_EXPANSION / C), gather_items, &call);
    return IQK_OK;
}

iqk_status iqk_quantize(iqk_context *context, iqk_format format, const float *source, void *destination,
                        int64_t count) {
    (void)context;
    if (!format_is_known(format)) return IQK_UNSUPPORTED_FORMAT;
    if (count < 0 || count % iqk_format_block_length(format) != 0) return IQK_INVALID_ARGUMENT;
    return iqk_quantize_portable(format, source, destination, count) ? IQK_OK : IQK_UNSUPPORTED_FORMAT;
}
