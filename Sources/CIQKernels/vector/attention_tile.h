// What both layouts of the attention kernel share: which keys a task sees, tile by tile.
#ifndef IQK_VECTOR_ATTENTION_TILE_H
#define IQK_VECTOR_ATTENTION_TILE_H

#include <math.h>

#include "../internal.h"
#include "functions.h"

/// Keys of one tile: scores, keys and values of a tile fit the first-level cache for heads of 64.
enum { IQK_TILE_KEYS = 64 };

static inline int64_t iqk_padded_rows(int64_t rows) { return (rows + 2 * V_WIDTH - 1) / (2 * V_WIDTH) * (2 * V_WIDTH); }

/// A run of at most IQK_TILE_KEYS consecutive keys of one chunk.
typedef struct iqk_tile {
    const void *keys;
    const void *values;
    /// Elements between two tokens.
    int64_t stride;
    int64_t count;
    /// Position of the first key minus that of the task's first query.
    int64_t first;
} iqk_tile;

/// Walks over the tiles of some chunks of the task's (first) sequence that some query of the task sees.
typedef struct iqk_tile_walk {
    const iqk_attention_job *job;
    const iqk_attention_task *task;
    int32_t chunk, last_chunk;
    int64_t next;
} iqk_tile_walk;

static bool iqk_next_tile(iqk_tile_walk *walk, iqk_tile *tile) {
    const iqk_attention_shape *shape = walk->job->shape;
    const iqk_attention_sequence *sequence = walk->task->sequence;
    const int64_t first_position = (int64_t)sequence->first_position + walk->task->first_query;
    const int64_t last_position = first_position + walk->task->query_count - 1;
    for (; walk->chunk < walk->last_chunk; walk->chunk++, walk->next = 0) {
        const iqk_kv_chunk *chunk = &walk->job->chunks[sequence->chunk_start + walk->chunk];
        int64_t start = walk->next, end = chunk->count;
        if (shape->window > 0) {
            const int64_t lowest = first_position - shape->window + 1 - chunk->first_position;
            if (start < lowest) start = lowest;
        }
        if (shape->causal) {
            const int64_t limit = last_position + 1 - chunk->first_position;
            if (end > limit) end = limit;
        }
        if (start >= end) continue;
        const int64_t size = shape->cache_format == IQK_F32 ? sizeof(float) : sizeof(uint16_t);
        const int64_t at = (walk->task->kv_head * chunk->head_stride + start * chunk->token_stride) * size;
        tile->keys = (const char *)chunk->keys + at;
        tile->values = (const char *)chunk->values + at;
        tile->stride = chunk->token_stride;
        tile->count = end - start < IQK_TILE_KEYS ? end - start : IQK_TILE_KEYS;
        tile->first = chunk->first_position + start - first_position;
        walk->next = start + tile->count;
        return true;
    }
    return false;
}

/// The tile's keys or values as f32 rows: in place, or expanded into `buffer` [count, D].
static const float *iqk_tile_rows(const void *rows, iqk_format format, const iqk_tile *tile, int64_t D, float *buffer,
                                  int64_t *stride) {
    *stride = tile->stride;
    if (format == IQK_F32) return rows;
    for (int64_t key = 0; key < tile->count; key++) {
        const uint16_t *from = (const uint16_t *)rows + key * tile->stride;
        float *to = buffer + key * D;
        int64_t d = 0;
        for (; d + V_WIDTH <= D; d += V_WIDTH) v_store(to + d, v_load_half(from + d));
        if (d < D) v_store_part(to + d, v_load_half_part(from + d, D - d), D - d);
    }
    *stride = D;
    return buffer;
}

static inline vf v_soft_cap(vf score, vf cap, vf inverse_cap) { return v_mul(cap, v_tanh(v_mul(score, inverse_cap))); }

#endif
