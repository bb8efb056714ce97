/// Counts heap allocations of the calling thread, for tests. Never part of a product.
#ifndef CIQ_ALLOCATION_COUNTER_H
#define CIQ_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// False where the allocator cannot be replaced: under the sanitizers, and off glibc.
bool iqt_allocation_counter_works(void);
/// Allocations (malloc, calloc, realloc, aligned ones) of this thread since it started.
int64_t iqt_allocations_of_this_thread(void);

#endif
