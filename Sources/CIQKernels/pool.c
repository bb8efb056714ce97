// A fixed set of threads that run one parallel region after another.
//
// A forward pass enters hundreds of regions a few microseconds apart, so that threads watch for the next one for a short
// while before they sleep. All shared words are C11 atomics; the mutex only guards falling asleep and waking up.
#include "internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/// How often a thread looks for work, or for the end of the work, before it sleeps: a few tens of microseconds.
enum { IQK_SPIN_LIMIT = 2000 };

typedef struct iqk_worker {
    iqk_pool *pool;
    pthread_t handle;
    int32_t index;
} iqk_worker;

struct iqk_pool {
    iqk_worker *workers;
    int32_t worker_count;
    int32_t spin_limit;

    // The region at hand: written by the caller before `generation` grows, read by workers after they saw it grow.
    iqk_thread_function function;
    void *argument;
    int32_t participants;

    pthread_mutex_t mutex;
    pthread_cond_t work;
    pthread_cond_t finished;

    // Each on a cache line of its own: workers poll the first while others count down the second.
    _Alignas(64) atomic_uint generation;
    _Alignas(64) atomic_int unfinished;
    _Alignas(64) atomic_int sleepers;
    atomic_bool caller_sleeps;
    atomic_bool stops;
};

static inline void iqk_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

/// Returns once the generation differs from `seen`; the acquire makes the region's description visible.
static unsigned iqk_wait_for_work(iqk_pool *pool, unsigned seen) {
    for (int32_t turn = 0; turn < pool->spin_limit; turn++) {
        const unsigned now = atomic_load_explicit(&pool->generation, memory_order_acquire);
        if (now != seen) return now;
        iqk_pause();
    }
    pthread_mutex_lock(&pool->mutex);
    // Sequentially consistent on both sides: either the caller sees this sleeper, or the sleeper sees the new generation.
    atomic_fetch_add(&pool->sleepers, 1);
    unsigned now;
    while ((now = atomic_load(&pool->generation)) == seen) pthread_cond_wait(&pool->work, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
    return now;
}

static void *iqk_worker_main(void *argument) {
    iqk_worker *worker = argument;
    iqk_pool *pool = worker->pool;
    unsigned seen = 0;
    for (;;) {
        seen = iqk_wait_for_work(pool, seen);
        if (atomic_load_explicit(&pool->stops, memory_order_acquire)) return NULL;
        if (worker->index < pool->participants) {
            pool->function(pool->argument, worker->index, pool->participants);
        }
        if (atomic_fetch_sub(&pool->unfinished, 1) == 1 && atomic_load(&pool->caller_sleeps)) {
            pthread_mutex_lock(&pool->mutex);
            pthread_cond_signal(&pool->finished);
            pthread_mutex_unlock(&pool->mutex);
        }
    }
}

static void iqk_announce(iqk_pool *pool) {
    atomic_fetch_add(&pool->generation, 1);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->work);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void iqk_wait_until_finished(iqk_pool *pool) {
    for (int32_t turn = 0; turn < pool->spin_limit; turn++) {
        if (atomic_load_explicit(&pool->unfinished, memory_order_acquire) == 0) return;
        iqk_pause();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_sleeps, true);
    while (atomic_load(&pool->unfinished) != 0) pthread_cond_wait(&pool->finished, &pool->mutex);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->mutex);
}

void iqk_pool_run(iqk_pool *pool, int32_t participants, iqk_thread_function function, void *argument) {
    if (participants <= 1 || pool->worker_count == 0) {
        function(argument, 0, 1);
        return;
    }
    if (participants > pool->worker_count + 1) participants = pool->worker_count + 1;
    pool->function = function;
    pool->argument = argument;
    pool->participants = participants;
    atomic_store_explicit(&pool->unfinished, pool->worker_count, memory_order_relaxed);
    iqk_announce(pool);
    function(argument, 0, participants);
    iqk_wait_until_finished(pool);
}

/// Stops and joins the first `started` workers and releases the pool.
static void iqk_pool_finish(iqk_pool *pool, int32_t started) {
    atomic_store_explicit(&pool->stops, true, memory_order_release);
    iqk_announce(pool);
    for (int32_t index = 0; index < started; index++) pthread_join(pool->workers[index].handle, NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->workers);
    free(pool);
}

iqk_pool *iqk_pool_create(int32_t threads, iqk_status *status) {
    *status = IQK_OUT_OF_MEMORY;
    iqk_pool *pool = aligned_alloc(_Alignof(iqk_pool), sizeof(iqk_pool));
    if (pool == NULL) return NULL;
    pool->worker_count = threads - 1;
    pool->workers = calloc((size_t)threads, sizeof(iqk_worker));
    if (pool->workers == NULL) {
        free(pool);
        return NULL;
    }
    // With more threads than processors, a thread that watches keeps another from working.
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    pool->spin_limit = processors >= threads ? IQK_SPIN_LIMIT : 0;
    pool->function = NULL;
    pool->argument = NULL;
    pool->participants = 0;
    atomic_init(&pool->generation, 0);
    atomic_init(&pool->unfinished, 0);
    atomic_init(&pool->sleepers, 0);
    atomic_init(&pool->caller_sleeps, false);
    atomic_init(&pool->stops, false);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->finished, NULL);
    for (int32_t index = 0; index < pool->worker_count; index++) {
        iqk_worker *worker = &pool->workers[index];
        worker->pool = pool;
        worker->index = index + 1;
        if (pthread_create(&worker->handle, NULL, iqk_worker_main, worker) != 0) {
            iqk_pool_finish(pool, index);
            *status = IQK_THREAD_FAILURE;
            return NULL;
        }
    }
    *status = IQK_OK;
    return pool;
}

void iqk_pool_destroy(iqk_pool *pool) {
    if (pool != NULL) iqk_pool_finish(pool, pool->worker_count);
}
