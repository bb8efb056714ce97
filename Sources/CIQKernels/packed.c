// Packing of weights, and products with packed ones: rounds activations once, shares work among the threads of a context and
// calls the kernels of its level. See packed.h.

#include "packed.h"

#include "internal.h"

enum {
    /// Multiplications that are worth waking a thread for.
    SMALLEST_SHARE = 1 << 17,
    /// Elements that are worth waking a thread for when they are only rounded or copied.
    SMALLEST_COPY = 1 << 15,
    /// Bytes of activations that kernels go over again and again. They come in order and from any cache in time; every block of
    /// them costs another reading of the weights.
    ACTIVATION_BYTES = 3 * 512 * 1024,
};

static int64_t runs_of(iqk_format format, int64_t N) { return (N + iqk_run_rows(format) - 1) / iqk_run_rows(format); }
static int64_t at_least_one(int64_t value) { return value < 1 ? 1 : value; }

#if defined(__x86_64__)
static bool has_bf16(void) { return __builtin_cpu_supports("avx512bf16"); }
#endif

static iqk_packed_multiply kernel_of(const iqk_context *context, iqk_format format) {
    switch (iqk_context_level(context)) {
    case IQK_LEVEL_PORTABLE: return iqk_packed_kernels_portable.multiply[format];
#if defined(__x86_64__)
    case IQK_LEVEL_AVX512:
        switch (format) {
        case IQK_F32: return iqk_packed_f32_avx512;
        case IQK_BF16: return has_bf16() ? iqk_packed_bf16_avx512 : NULL;
        case IQK_Q8_0: return iqk_has_vnni() ? iqk_packed_q8_0_vnni : NULL;
        case IQK_Q4_0: return iqk_has_vnni() ? iqk_packed_q4_0_vnni : NULL;
        case IQK_Q4_1: return iqk_has_vnni() ? iqk_packed_q4_1_vnni : NULL;
        default: return NULL;
        }
#endif
    default: return NULL;
    }
}

bool iqk_can_pack(const iqk_context *context, iqk_format format, iqk_product product) {
    if (format < 0 || format >= IQK_FORMAT_COUNT) return false;
    switch (iqk_rounding_of_format(format)) {
    case IQK_ROUNDING_NONE: break;
    case IQK_ROUNDING_BF16: if (product != IQK_PRODUCT_ROUNDED) return false; else break;
    case IQK_ROUNDING_INTEGER: if (product == IQK_PRODUCT_EXACT) return false; else break;
    }
    return kernel_of(context, format) != NULL;
}

static bool is_packable(iqk_format format, int64_t N, int64_t K) {
    return (iqk_packs_words(format) || iqk_packs_integers(format)) && N >= 0 && K >= 0
        && K % iqk_format_block_length(format) == 0;
}

int64_t iqk_packed_bytes(iqk_format format, int64_t N, int64_t K) {
    return is_packable(format, N, K) ? runs_of(format, N) * iqk_run_bytes(format, K) : -1;
}

// MARK: Packing

typedef struct pack_call {
    iqk_format format;
    const uint8_t *source;
    uint8_t *destination;
    int64_t N, K;
} pack_call;

static void pack_words(const pack_call *call, const uint8_t *rows, int64_t count, uint8_t *to) {
    const int64_t words = iqk_words(call->format, call->K), row_bytes = iqk_bytes_of(call->format, call->K);
    memset(to, 0, (size_t)iqk_run_bytes(call->format, call->K));
    for (int64_t r = 0; r < count; ++r) {
        const uint8_t *row = rows + r * row_bytes;
        for (int64_t k = 0; k < words; ++k) {
            const int64_t left = row_bytes - 4 * k;
            memcpy(to + (k * IQK_WORD_RUN + r) * 4, row + 4 * k, left < 4 ? (size_t)left : 4);
        }
    }
}

static void pack_integers(const pack_call *call, const uint8_t *rows, int64_t count, uint8_t *to) {
    const int64_t blocks = call->K / IQK_BLOCK, block_bytes = iqk_unit_bytes(call->format);
    const int64_t scale_bytes = iqk_packed_scale_bytes(call->format);
    const int64_t packed_bytes = iqk_packed_block_bytes(call->format), groups = packed_bytes / (4 * IQK_INTEGER_RUN);
    uint8_t *integers = to + blocks * scale_bytes;
    const uint32_t flip = call->format == IQK_Q8_0 ? 0x80808080 : 0;
    memset(to, 0, (size_t)iqk_run_bytes(call->format, call->K));
    for (int64_t r = 0; r < count; ++r) {
        const uint8_t *block = rows + r * blocks * block_bytes;
        for (int64_t b = 0; b < blocks; ++b, block += block_bytes) {
            memcpy(to + b * scale_bytes + 2 * r, block, 2);
            if (call->format == IQK_Q4_1) memcpy(to + b * scale_bytes + 2 * (IQK_INTEGER_RUN + r), block + 2, 2);
            // The integers are what a block ends with.
            const uint8_t *q = block + block_bytes - 4 * groups;
            for (int64_t g = 0; g < groups; ++g) {
                const uint32_t four = iqk_load_u32(q + 4 * g) ^ flip;
                memcpy(integers + b * packed_bytes + (g * IQK_INTEGER_RUN + r) * 4, &four, 4);
            }
        }
    }
}

static void pack_runs(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const pack_call *call = argument;
    const int64_t row_bytes = iqk_bytes_of(call->format, call->K), run_bytes = iqk_run_bytes(call->format, call->K);
    for (int64_t run = first; run < last; ++run) {
        const int64_t most = iqk_run_rows(call->format), n = run * most;
        const int64_t count = call->N - n < most ? call->N - n : most;
        const uint8_t *rows = call->source + n * row_bytes;
        uint8_t *to = call->destination + run * run_bytes;
        iqk_packs_words(call->format) ? pack_words(call, rows, count, to) : pack_integers(call, rows, count, to);
    }
}

iqk_status iqk_pack(iqk_context *context, iqk_format format, const void *source, int64_t N, int64_t K,
                    void *destination) {
    if (!is_packable(format, N, K)) return IQK_UNSUPPORTED_FORMAT;
    pack_call call = {format, source, destination, N, K};
    iqk_parallel_for_grain(context, runs_of(format, N), at_least_one(SMALLEST_COPY / at_least_one(K * IQK_WORD_RUN)),
                           pack_runs, &call);
    return IQK_OK;
}

// MARK: Reading rows

typedef struct gather_call {
    iqk_format format;
    const uint8_t *table;
    const int32_t *rows;
    int64_t C;
    float *destination;
    int64_t ldd;
} gather_call;

/// The weights of row `lane` of a run.
static void expand_row(iqk_format format, const uint8_t *run, int64_t lane, int64_t K, float *to) {
    if (format == IQK_F32) {
        for (int64_t k = 0; k < K; ++k) memcpy(to + k, run + (k * IQK_WORD_RUN + lane) * 4, 4);
        return;
    }
    if (format == IQK_BF16) {
        for (int64_t k = 0; k < K; ++k)
            to[k] = iqk_float_from_bf16(iqk_load_u16(run + (k / 2 * IQK_WORD_RUN + lane) * 4 + k % 2 * 2));
        return;
    }
    const int64_t blocks = K / IQK_BLOCK, scale_bytes = iqk_packed_scale_bytes(format);
    const uint8_t *integers = run + blocks * scale_bytes;
    for (int64_t b = 0; b < blocks; ++b, integers += iqk_packed_block_bytes(format), to += IQK_BLOCK) {
        const float scale = iqk_load_f16(run + b * scale_bytes + 2 * lane);
        const bool has_offset = iqk_format_has_offset(format);
        const float offset = has_offset ? iqk_load_f16(run + b * scale_bytes + 2 * (IQK_INTEGER_RUN + lane)) : 0;
        const int32_t centre = iqk_packed_centre(format);
        for (int64_t j = 0; j < IQK_BLOCK; ++j) {
            int32_t q;
            if (format == IQK_Q8_0) {
                q = integers[(j / 4 * IQK_INTEGER_RUN + lane) * 4 + j % 4];
            } else {
                const uint8_t both = integers[(j % 16 / 4 * IQK_INTEGER_RUN + lane) * 4 + j % 4];
                q = j < 16 ? both & 15 : both >> 4;
            }
            const float value = scale * (float)(q - centre);
            // Not 0 + a negative zero.
            to[j] = has_offset ? value + offset : value;
        }
    }
}

static void gather_items(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const gather_call *call = argument;
    const int64_t run_bytes = iqk_run_bytes(call->format, call->C), run_rows = iqk_run_rows(call->format);
    for (int64_t i = first; i < last; ++i) {
        const int64_t row = call->rows ? call->rows[i] : i;
        expand_row(call->format, call->table + row / run_rows * run_bytes, row % run_rows, call->C,
                   call->destination + i * call->ldd);
    }
}

iqk_status iqk_gather_packed_rows(iqk_context *context, const void *table, iqk_format format, const int32_t *rows,
                                  int64_t T, int64_t C, float *destination, int64_t ldd) {
    if (!is_packable(format, 0, C)) return IQK_UNSUPPORTED_FORMAT;
    if (T < 0 || ldd < C) return IQK_INVALID_ARGUMENT;
    gather_call call = {format, table, rows, C, destination, ldd};
    iqk_parallel_for_grain(context, T, at_least_one(SMALLEST_COPY / at_least_one(C)), gather_items, &call);
    return IQK_OK;
}

// MARK: Rounding

typedef struct round_call {
    const float *x;
    int64_t ldx, T, K;
    int32_t centre;
    char *panels;
    uint16_t *words;
    /// bf16 numbers from one row to the next.
    int64_t stride;
    iqk_level level;
} round_call;

static void round_panels(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const round_call *call = argument;
    for (int64_t index = first; index < last; ++index) {
        const iqk_panel panel = iqk_panel_at(call->T, call->K, index);
        const float *x = call->x + panel.first * call->ldx;
        void *to = call->panels + panel.offset;
#if defined(__x86_64__)
        if (call->level == IQK_LEVEL_AVX512) {
            iqk_round_panel_avx512(x, call->ldx, panel.count, call->K, call->centre, to);
            continue;
        }
#endif
        iqk_packed_kernels_portable.round_panel(x, call->ldx, panel.count, call->K, call->centre, to);
    }
}

static void round_words(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const round_call *call = argument;
    for (int64_t t = first; t < last; ++t) {
        const float *x = call->x + t * call->ldx;
        uint16_t *to = call->words + t * call->stride;
        if (call->K % 2 != 0) to[call->K] = 0;
#if defined(__x86_64__)
        if (call->level == IQK_LEVEL_AVX512) {
            iqk_round_bf16_avx512(x, to, call->K);
            continue;
        }
#endif
        iqk_packed_kernels_portable.round_bf16(x, to, call->K);
    }
}

/// Rounds the activations as products of `format` need them, and tells the job where they are.
static iqk_status round_activations(iqk_context *context, iqk_format format, const float *x, int64_t ldx,
                                    iqk_packed_job *job) {
    const int64_t T = job->T, K = job->K;
    round_call call = {.x = x, .ldx = ldx, .T = T, .K = K, .level = iqk_context_level(context)};
    switch (iqk_rounding_of_format(format)) {
    case IQK_ROUNDING_NONE:
        job->words = x;
        job->stride = ldx;
        return IQK_OK;
    case IQK_ROUNDING_BF16:
        // Rows that are a multiple of 1 KiB apart fall on few places of the caches.
        job->stride = iqk_rounded_up(iqk_words(format, K), 16);
        if (job->stride % 256 == 0) job->stride += 16;
        call.stride = 2 * job->stride;
        call.words = iqk_scratch(context, 0, IQK_SCRATCH_LINEAR_1, (size_t)(T * job->stride) * 4);
        if (!call.words) return IQK_OUT_OF_MEMORY;
        job->words = call.words;
        iqk_parallel_for_grain(context, T, at_least_one(SMALLEST_COPY / at_least_one(K)), round_words, &call);
        return IQK_OK;
    case IQK_ROUNDING_INTEGER:
        call.centre = iqk_packed_centre(format);
        call.panels = iqk_scratch(context, 0, IQK_SCRATCH_LINEAR_1, (size_t)(T * (K / IQK_BLOCK) * IQK_PANEL_BYTES) + 64);
        if (!call.panels) return IQK_OUT_OF_MEMORY;
        job->panels = call.panels;
        iqk_parallel_for_grain(context, iqk_panel_count(T), at_least_one(SMALLEST_COPY / at_least_one(K * IQK_PANEL)),
                               round_panels, &call);
        return IQK_OK;
    }
    return IQK_UNSUPPORTED_FORMAT;
}

// MARK: Products

typedef struct packed_call {
    iqk_context *context;
    /// What the products have in common.
    iqk_packed_job common;
    const iqk_packed_product *products;
    int64_t count;
    /// Runs of all products together; rows of x (or panels), and how many of them are multiplied before the next ones.
    int64_t runs, rows, block;
} packed_call;

/// Runs first ..< last, of all products one after the other, by a block of rows.
static void multiply_runs(const packed_call *call, int64_t first, int64_t last, int64_t first_row, int64_t last_row) {
    int64_t start = 0;
    for (int64_t index = 0; index < call->count && start < last; ++index) {
        const iqk_packed_product *product = &call->products[index];
        const int64_t runs = runs_of(product->format, product->N);
        const int64_t from = first > start ? first - start : 0, to = last - start < runs ? last - start : runs;
        if (from < to) {
            iqk_packed_job job = call->common;
            job.w = product->w;
            job.format = product->format;
            job.bias = product->bias;
            job.y = product->y;
            job.ldy = product->ldy;
            job.N = product->N;
            kernel_of(call->context, product->format)(&job, from, to, first_row, last_row);
        }
        start += runs;
    }
}

/// The items of the loop are the runs of the first block of rows, then those of the second one, and so on.
static void multiply_items(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const packed_call *call = argument;
    while (first < last) {
        const int64_t block = first / call->runs, run = first % call->runs;
        const int64_t end = last - first < call->runs - run ? run + last - first : call->runs;
        const int64_t row = block * call->block;
        const int64_t last_row = row + call->block < call->rows ? row + call->block : call->rows;
        multiply_runs(call, run, end, row, last_row);
        first += end - run;
    }
}

static iqk_status multiply_rounded(packed_call *call) {
    const iqk_packed_job *job = &call->common;
    const bool by_panels = job->panels != NULL;
    call->rows = by_panels ? iqk_panel_count(job->T) : job->T;
    const int64_t row_bytes = by_panels ? IQK_PANEL * (job->K / IQK_BLOCK) * IQK_PANEL_BYTES : job->stride * 4;
    // Tiles of words have up to 8 rows.
    const int64_t unit = by_panels ? 1 : 8, fitting = ACTIVATION_BYTES / at_least_one(row_bytes * unit);
    const int64_t units = (call->rows + unit - 1) / unit, blocks = (units + fitting) / (fitting + 1);
    call->block = (units + blocks - 1) / at_least_one(blocks) * unit;
    call->runs = 0;
    for (int64_t index = 0; index < call->count; ++index) call->runs += runs_of(call->products[index].format, call->products[index].N);
    const int64_t items = (call->rows + call->block - 1) / call->block * call->runs;
    const int64_t work = (job->T < call->block * (by_panels ? IQK_PANEL : 1) ? job->T : call->block) * job->K * IQK_WORD_RUN;
    iqk_parallel_for_grain(call->context, items, at_least_one(SMALLEST_SHARE / at_least_one(work)), multiply_items, call);
    return IQK_OK;
}

static bool is_valid(const iqk_context *context, const iqk_packed_product *product, int64_t K) {
    return is_packable(product->format, product->N, K) && product->ldy >= product->N
        && kernel_of(context, product->format) != NULL;
}

static bool share_rounding(iqk_format a, iqk_format b) {
    return iqk_rounding_of_format(a) == iqk_rounding_of_format(b) && iqk_packed_centre(a) == iqk_packed_centre(b);
}

iqk_status iqk_linear_packed(iqk_context *context, const float *x, int64_t ldx, int64_t T, int64_t K,
                             const iqk_packed_product *products, int64_t count) {
    if (T < 0 || K < 0 || count < 0 || ldx < K) return IQK_INVALID_ARGUMENT;
    for (int64_t index = 0; index < count; ++index)
        if (!is_valid(context, &products[index], K)) return IQK_UNSUPPORTED_FORMAT;
    if (T == 0) return IQK_OK;
    // Products whose activations are rounded alike go together.
    for (int64_t start = 0; start < count;) {
        int64_t end = start + 1;
        while (end < count && share_rounding(products[start].format, products[end].format)) ++end;
        packed_call call = {.context = context, .common = {.T = T, .K = K}, .products = products + start,
                            .count = end - start};
        iqk_status status = round_activations(context, products[start].format, x, ldx, &call.common);
        if (status == IQK_OK) status = multiply_rounded(&call);
        if (status != IQK_OK) return status;
        start = end;
    }
    return IQK_OK;
}
