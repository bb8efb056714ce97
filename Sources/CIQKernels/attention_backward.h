// A task of attention's backward pass, and which keys its queries see.
#ifndef IQK_ATTENTION_BACKWARD_H
#define IQK_ATTENTION_BACKWARD_H

#include "internal.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Queries of one task: whole vectors of every level.
enum { IQK_BACKWARD_QUERIES = 64 };

/// Some queries of one segment, for one query head.
struct iqk_attention_backward_task {
    int32_t segment;
    int32_t kv_head;
    int32_t head;
    /// Queries first_query ..< first_query + query_count of the segment.
    int32_t first_query;
    int32_t query_count;
    /// Row 0 of the key/value head's gradients, which the task adds to.
    float *dk;
    int64_t lddk;
    float *dv;
    int64_t lddv;
};

/// Rows first ..< last of the batch; the first is at `position` of its sequence.
typedef struct iqk_key_rows {
    int64_t first, last;
    int64_t position;
} iqk_key_rows;

/// The rows of `piece`, a segment or an ancestor of it, that queries at positions first_query ... last_query see between
/// them. Single queries may see fewer.
static inline iqk_key_rows iqk_visible_rows(const iqk_attention_shape *shape, const iqk_segment *piece,
                                            int64_t first_query, int64_t last_query) {
    int64_t low = piece->first_position, high = low + piece->count;
    if (shape->causal && high > last_query + 1) high = last_query + 1;
    if (shape->window > 0 && low <= first_query - shape->window) low = first_query - shape->window + 1;
    if (high < low) high = low;
    const int64_t shift = (int64_t)piece->start - piece->first_position;
    return (iqk_key_rows){low + shift, high + shift, low};
}

/// How many keys queries first ..< first + count of a segment see between them, ancestors included.
static inline int64_t iqk_visible_keys(const iqk_attention_shape *shape, const iqk_segment *segments, int32_t segment,
                                       int64_t first, int64_t count) {
    const int64_t position = segments[segment].first_position + first;
    int64_t keys = 0;
    for (int32_t piece = segment; piece >= 0; piece = segments[piece].parent) {
        const iqk_key_rows rows = iqk_visible_rows(shape, &segments[piece], position, position + count - 1);
        keys += rows.last - rows.first;
    }
    return keys;
}

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
