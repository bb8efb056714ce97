// Replaces the allocator's entry points in a test program by ones that count, and pass on to glibc's own.

#include "AllocationCounter.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IQT_SANITIZED 1
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(IQT_SANITIZED)
#define IQT_COUNTS 1
#elif defined(__linux__) && !defined(IQT_SANITIZED)
#include <features.h>
#if defined(__GLIBC__)
#define IQT_COUNTS 1
#endif
#endif

#if defined(IQT_COUNTS)

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local int64_t allocations;

void *malloc(size_t size) {
    allocations += 1;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    allocations += 1;
    return __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size) {
    allocations += 1;
    return __libc_realloc(pointer, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    allocations += 1;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    allocations += 1;
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *pointer = __libc_memalign(alignment, size);
    if (pointer == NULL) return ENOMEM;
    *result = pointer;
    return 0;
}

bool iqt_allocation_counter_works(void) { return true; }
int64_t iqt_allocations_of_this_thread(void) { return allocations; }

#else

bool iqt_allocation_counter_works(void) { return false; }
int64_t iqt_allocations_of_this_thread(void) { return 0; }

#endif
