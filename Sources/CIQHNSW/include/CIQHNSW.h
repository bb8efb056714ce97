// The whole C surface of the graph index: hierarchical navigable small worlds (Malkov and Yashunin, 2016), built by hnswlib.
//
// Similarity is the scalar product. Every call returns a status, and no exception leaves the library. Calls that change a
// graph need it for themselves; several searches may run at a time.

#ifndef CIQHNSW_H
#define CIQHNSW_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define IQH_NULLABLE _Nullable
#else
#define IQH_NULLABLE
#endif

typedef struct iqh_graph iqh_graph;

typedef enum {
    IQH_OK = 0,
    IQH_OUT_OF_MEMORY = 1,
    /// An argument is outside its range.
    IQH_INVALID_ARGUMENT = 2,
    /// Bytes that are no graph, or a damaged one.
    IQH_CORRUPT = 3,
    /// A label that is in the graph already.
    IQH_DUPLICATE = 4,
    /// An earlier failure left the graph half changed; it can only be destroyed.
    IQH_BROKEN = 5,
    /// The system gave no thread.
    IQH_THREAD_FAILURE = 6,
    IQH_FAILURE = 7,
} iqh_status;

/// An empty graph.
/// - dimension: numbers in a vector, 1 to 65536.
/// - capacity: elements to make room for; it grows when needed.
/// - links: M of the paper, links of an element and level, 2 to 256 (twice that on the lowest level).
/// - construction_width: efConstruction of the paper, 1 to 65536.
iqh_status iqh_create(int64_t dimension, int64_t capacity, int32_t links, int32_t construction_width, uint64_t seed,
                      iqh_graph *IQH_NULLABLE *_Nonnull graph);

void iqh_destroy(iqh_graph *IQH_NULLABLE graph);

/// Elements, removed ones included.
int64_t iqh_count(const iqh_graph *graph);
/// Elements that were removed.
int64_t iqh_removed_count(const iqh_graph *graph);
int64_t iqh_dimension(const iqh_graph *graph);

/// Adds vectors, one after the other: the same calls in the same order make the same graph.
/// - vectors: count rows of `dimension` numbers.
iqh_status iqh_add(iqh_graph *graph, const uint64_t *labels, const float *vectors, int64_t count);

/// Lets searches pass an element over; as a way to others it stays. Unknown labels are no error.
iqh_status iqh_remove(iqh_graph *graph, uint64_t label);

/// The elements with the largest scalar products to each query, best first; of equal ones the smaller label first.
/// - width: ef of the paper, elements kept while searching; at least k is used.
/// - threads: queries are split over so many, 1 to 256.
/// - labels, scores: rows of k for each query.
/// - found: how many of a row are set.
iqh_status iqh_search(const iqh_graph *graph, const float *queries, int64_t count, int32_t k, int32_t width,
                      int32_t threads, uint64_t *labels, float *scores, int32_t *found);

/// Bytes that iqh_save writes.
int64_t iqh_saved_size(const iqh_graph *graph);
/// Writes the links and labels, not the vectors, to `size` bytes, which must be what iqh_saved_size says.
iqh_status iqh_save(const iqh_graph *graph, uint8_t *bytes, int64_t size);

/// How many elements saved bytes hold, and of what dimension; everything else is checked by iqh_load.
iqh_status iqh_saved_count(const uint8_t *bytes, int64_t size, int64_t *count, int64_t *dimension);
/// The labels in the order of the elements; `capacity` must be at least the count.
iqh_status iqh_saved_labels(const uint8_t *bytes, int64_t size, uint64_t *labels, int64_t capacity);
/// Makes a graph of saved bytes and of the vectors of its elements, in the order of iqh_saved_labels. Each link is checked, so
/// bytes that are not what was saved give IQH_CORRUPT or a graph that is safe to search, never a fault.
iqh_status iqh_load(const uint8_t *bytes, int64_t size, const float *vectors, int64_t count, int64_t dimension,
                    iqh_graph *IQH_NULLABLE *_Nonnull graph);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif
#endif
