// Attention in the vocabulary of `simd_*.h`, one tile of keys at a time with a running softmax. Included once per level.
//
// The running softmax keeps, for every row (a query of one head), the largest score so far, the sum of exponentials
// relative to it, and the weighted sum of values; all are rescaled when a larger score appears (Milakov and Gimelshein,
// arXiv 1805.02867; tiles as in Dao et al., arXiv 2205.14135).
//
// Two layouts. With many rows (a prompt), rows lie in the lanes of a vector: scores are [key][row], keys and values are
// broadcast number by number. With few rows a sequence (one token), lanes are keys, and then the head's width. No sum runs
// across lanes.
#ifndef IQK_VECTOR_ATTENTION_H
#define IQK_VECTOR_ATTENTION_H

#include "attention_narrow.h"
#include "attention_tile.h"
#include "attention_wide.h"

static void iqk_vector_attention(const iqk_attention_job *job, const iqk_attention_task *task, void *scratch) {
    const int64_t rows = (int64_t)task->query_count * (job->shape->heads / job->shape->kv_heads);
    // Not by the number of members: what a sequence gets must not depend on its neighbours.
    if (2 * rows <= V_WIDTH || task->member_count > 1) {
        iqk_attention_narrow(job, task, scratch);
    } else {
        iqk_attention_wide(job, task, scratch);
    }
}

static size_t iqk_vector_attention_bytes(int64_t rows, int64_t head_dimension, int64_t keys) {
    (void)keys;
    const int64_t padded = iqk_padded_rows(rows);
    return (size_t)(padded * (2 * head_dimension + IQK_TILE_KEYS + 4) + 2 * IQK_TILE_KEYS * head_dimension)
        * sizeof(float);
}

#endif
