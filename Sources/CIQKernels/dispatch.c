// Which levels this processor runs, and the context: one level's kernels, threads, scratch memory.
#include "internal.h"

#include <stdatomic.h>
#include <stdlib.h>

// MARK: Levels

bool iqk_level_supported(iqk_level level) {
    switch (level) {
    case IQK_LEVEL_PORTABLE: return true;
#if defined(__x86_64__)
    case IQK_LEVEL_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case IQK_LEVEL_AVX512:
        return iqk_level_supported(IQK_LEVEL_AVX2) && __builtin_cpu_supports("avx512f")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512dq");
#endif
#if defined(__aarch64__)
    case IQK_LEVEL_NEON: return true;
#endif
    default: return false;
    }
}

iqk_level iqk_level_best(void) {
    static const iqk_level fastest_first[] = {IQK_LEVEL_AVX512, IQK_LEVEL_AVX2, IQK_LEVEL_NEON};
    for (size_t index = 0; index < sizeof fastest_first / sizeof fastest_first[0]; index++) {
        if (iqk_level_supported(fastest_first[index])) return fastest_first[index];
    }
    return IQK_LEVEL_PORTABLE;
}

bool iqk_has_vnni(void) {
#if defined(__x86_64__)
    return iqk_level_supported(IQK_LEVEL_AVX512) && __builtin_cpu_supports("avx512vnni");
#else
    return false;
#endif
}

static const iqk_kernels *iqk_kernels_of(iqk_level level) {
    switch (level) {
#if defined(__x86_64__)
    case IQK_LEVEL_AVX2: return &iqk_kernels_avx2;
    case IQK_LEVEL_AVX512: return &iqk_kernels_avx512;
#endif
#if defined(__aarch64__)
    case IQK_LEVEL_NEON: return &iqk_kernels_neon;
#endif
    default: return &iqk_kernels_portable;
    }
}

// MARK: Context

typedef struct iqk_arena {
    void *start;
    size_t bytes;
} iqk_arena;

/// A thread's scratch memory. Padded, so that two threads' arenas do not share a cache line.
typedef struct iqk_thread_scratch {
    iqk_arena arenas[IQK_SCRATCH_SLOTS];
    char padding[64];
} iqk_thread_scratch;

struct iqk_context {
    iqk_level level;
    int32_t threads;
    const iqk_kernels *kernels;
    iqk_pool *pool;
    iqk_thread_scratch *scratch;
    _Atomic int64_t allocations;
};

iqk_context *iqk_context_create(int32_t threads, iqk_level level, iqk_status *status) {
    if (threads < 1) {
        *status = IQK_INVALID_ARGUMENT;
        return NULL;
    }
    if (!iqk_level_supported(level)) {
        *status = IQK_UNSUPPORTED_LEVEL;
        return NULL;
    }
    *status = IQK_OUT_OF_MEMORY;
    iqk_context *context = calloc(1, sizeof *context);
    if (context == NULL) return NULL;
    context->level = level;
    context->threads = threads;
    context->kernels = iqk_kernels_of(level);
    atomic_init(&context->allocations, 0);
    context->scratch = calloc((size_t)threads, sizeof *context->scratch);
    if (context->scratch == NULL) {
        free(context);
        return NULL;
    }
    context->pool = iqk_pool_create(threads, status);
    if (context->pool == NULL) {
        free(context->scratch);
        free(context);
        return NULL;
    }
    iqk_sgemm_prepare();
    return context;
}

void iqk_context_destroy(iqk_context *context) {
    iqk_pool_destroy(context->pool);
    for (int32_t thread = 0; thread < context->threads; thread++) {
        for (int slot = 0; slot < IQK_SCRATCH_SLOTS; slot++) free(context->scratch[thread].arenas[slot].start);
    }
    free(context->scratch);
    free(context);
}

int32_t iqk_context_threads(const iqk_context *context) { return context->threads; }

iqk_level iqk_context_level(const iqk_context *context) { return context->level; }

int64_t iqk_context_allocations(const iqk_context *context) {
    return atomic_load_explicit(&context->allocations, memory_order_relaxed);
}

const iqk_kernels *iqk_context_kernels(const iqk_context *context) { return context->kernels; }

// MARK: Scratch memory

void *iqk_scratch(iqk_context *context, int32_t thread, iqk_scratch_slot slot, size_t bytes) {
    iqk_arena *arena = &context->scratch[thread].arenas[slot];
    if (arena->start != NULL && arena->bytes >= bytes) return arena->start;
    // An eighth more than asked for: a context that grows token by token must not allocate at every token.
    const size_t padded = (bytes + bytes / 8 + 4096) & ~(size_t)4095;
    free(arena->start);
    arena->start = NULL;
    arena->bytes = 0;
    if (padded < bytes) return NULL;
    arena->start = aligned_alloc(64, padded);
    if (arena->start == NULL) return NULL;
    arena->bytes = padded;
    atomic_fetch_add_explicit(&context->allocations, 1, memory_order_relaxed);
    return arena->start;
}

bool iqk_scratch_reserve(iqk_context *context, iqk_scratch_slot slot, size_t bytes) {
    for (int32_t thread = 0; thread < context->threads; thread++) {
        if (iqk_scratch(context, thread, slot, bytes) == NULL) return false;
    }
    return true;
}

// MARK: Parallel loops

typedef struct iqk_loop {
    int64_t count;
    iqk_range_function function;
    void *argument;
} iqk_loop;

static void iqk_loop_part(void *argument, int32_t thread, int32_t threads) {
    const iqk_loop *loop = argument;
    const int64_t share = loop->count / threads, rest = loop->count % threads;
    const int64_t first = thread * share + (thread < rest ? thread : rest);
    const int64_t last = first + share + (thread < rest ? 1 : 0);
    if (first < last) loop->function(loop->argument, thread, first, last);
}

void iqk_parallel_for_grain(iqk_context *context, int64_t count, int64_t grain, iqk_range_function function,
                            void *argument) {
    if (count <= 0) return;
    const int64_t worthwhile = count / (grain > 0 ? grain : 1);
    const int32_t participants = worthwhile < context->threads ? (int32_t)worthwhile : context->threads;
    if (participants <= 1) {
        function(argument, 0, 0, count);
        return;
    }
    iqk_loop loop = {count, function, argument};
    iqk_pool_run(context->pool, participants, iqk_loop_part, &loop);
}

void iqk_parallel_for(iqk_context *context, int64_t count, iqk_range_function function, void *argument) {
    iqk_parallel_for_grain(context, count, 1, function, argument);
}

typedef struct iqk_each {
    void (*function)(void *argument, int64_t index);
    void *argument;
} iqk_each;

static void iqk_each_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    (void)thread;
    const iqk_each *each = argument;
    for (int64_t index = first; index < last; index++) each->function(each->argument, index);
}

void iqk_for_each(iqk_context *context, int64_t count, void (*function)(void *argument, int64_t index), void *argument) {
    iqk_each each = {function, argument};
    iqk_parallel_for(context, count, iqk_each_part, &each);
}

void iqk_run_threads(iqk_context *context, int64_t most, iqk_thread_function function, void *argument) {
    iqk_pool_run(context->pool, most < context->threads ? (int32_t)most : context->threads, function, argument);
}

const iqk_attention_kernels *iqk_attention_kernels_of(const iqk_context *context, iqk_precision precision) {
#if defined(__x86_64__)
    if (precision == IQK_PRECISION_BF16 && context->level == IQK_LEVEL_AVX512 && __builtin_cpu_supports("avx512bf16")) {
        return &iqk_attention_kernels_avx512_bf16;
    }
#else
    (void)precision;
#endif
    return &context->kernels->attention;
}
