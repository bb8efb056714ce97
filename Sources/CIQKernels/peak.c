// What a processor reaches at most: multiply-adds from registers, and reading memory. All threads of a context take part.
#include "peak.h"

#include <string.h>

#include "internal.h"

static const iqk_peak_kernels *kernels_of(const iqk_context *context) {
    switch (iqk_context_level(context)) {
#if defined(__x86_64__)
    case IQK_LEVEL_AVX2: return &iqk_peak_kernels_avx2;
    case IQK_LEVEL_AVX512: return &iqk_peak_kernels_avx512;
#endif
#if defined(__aarch64__)
    case IQK_LEVEL_NEON: return &iqk_peak_kernels_neon;
#endif
    default: return &iqk_peak_kernels_portable;
    }
}

/// Whether this processor has what the level's loop needs beyond the level.
static bool has_instructions(const iqk_context *context, iqk_operation operation) {
#if defined(__x86_64__)
    if (iqk_context_level(context) != IQK_LEVEL_AVX512) return true;
    if (operation == IQK_OPERATION_BF16) return __builtin_cpu_supports("avx512bf16");
    if (operation == IQK_OPERATION_INT8) return iqk_has_vnni();
#else
    (void)context;
    (void)operation;
#endif
    return true;
}

enum { MOST_THREADS = 256 };

/// A thread's result, on a cache line of its own.
typedef struct thread_result {
    int64_t operations;
    double sum;
    uint64_t words;
    char padding[40];
} thread_result;

typedef struct peak_call {
    iqk_peak_loop loop;
    int64_t rounds;
    const uint8_t *bytes;
    int64_t count;
    thread_result results[MOST_THREADS];
} peak_call;

static void run_loop(void *argument, int32_t thread, int32_t threads) {
    (void)threads;
    peak_call *call = argument;
    thread_result *result = &call->results[thread];
    result->operations = call->loop(call->rounds, &result->sum);
}

iqk_status iqk_run_operations(iqk_context *context, iqk_operation operation, int64_t rounds, int64_t *operations,
                              double *sum) {
    *operations = 0;
    *sum = 0;
    if ((int32_t)operation < 0 || operation >= IQK_OPERATION_COUNT) return IQK_UNSUPPORTED_FORMAT;
    if (rounds < 0 || iqk_context_threads(context) > MOST_THREADS) return IQK_INVALID_ARGUMENT;
    peak_call call = {.loop = kernels_of(context)->loops[operation], .rounds = rounds};
    if (!call.loop || !has_instructions(context, operation)) return IQK_UNSUPPORTED_LEVEL;
    iqk_run_threads(context, MOST_THREADS, run_loop, &call);
    for (int thread = 0; thread < MOST_THREADS; ++thread) {
        *operations += call.results[thread].operations;
        *sum += call.results[thread].sum;
    }
    return IQK_OK;
}

/// The bytes as words of eight, the last one filled up with zeros.
static uint64_t sum_of_words(const uint8_t *bytes, int64_t count) {
    // A processor's own prefetcher stops at the end of a page, so memory is asked for two pages ahead.
    enum { STRANDS = 8, AHEAD = 8192 };
    uint64_t strands[STRANDS] = {0}, word;
    int64_t at = 0;
    for (; at + 8 * STRANDS <= count; at += 8 * STRANDS) {
        __builtin_prefetch(bytes + (at + AHEAD < count ? at + AHEAD : at));
#pragma clang loop unroll(full)
        for (int strand = 0; strand < STRANDS; ++strand) {
            memcpy(&word, bytes + at + 8 * strand, sizeof word);
            strands[strand] += word;
        }
    }
    for (; at < count; at += 8) {
        word = 0;
        memcpy(&word, bytes + at, count - at < 8 ? (size_t)(count - at) : 8);
        strands[0] += word;
    }
    uint64_t sum = 0;
    for (int strand = 0; strand < STRANDS; ++strand) sum += strands[strand];
    return sum;
}

static void read_share(void *argument, int32_t thread, int32_t threads) {
    peak_call *call = argument;
    // Shares begin at whole words.
    const int64_t words = (call->count + 7) / 8;
    const int64_t first = words * thread / threads * 8, end = words * (thread + 1) / threads * 8;
    const int64_t last = end < call->count ? end : call->count;
    call->results[thread].words = sum_of_words(call->bytes + first, last - first);
}

iqk_status iqk_read_memory(iqk_context *context, const void *bytes, int64_t count, uint64_t *sum) {
    *sum = 0;
    if (count < 0 || iqk_context_threads(context) > MOST_THREADS) return IQK_INVALID_ARGUMENT;
    peak_call call = {.bytes = bytes, .count = count};
    iqk_run_threads(context, MOST_THREADS, read_share, &call);
    for (int thread = 0; thread < MOST_THREADS; ++thread) *sum += call.results[thread].words;
    return IQK_OK;
}
