// Attention in plain C, one query at a time: scores of all visible keys, their softmax, the weighted sum of the values.
#include "portable.h"

#include <math.h>

#include "../formats.h"

size_t iqk_attention_bytes_portable(int64_t rows, int64_t head_dimension, int64_t keys) {
    (void)rows;
    return (size_t)head_dimension * (sizeof(double) + sizeof(float)) + (size_t)keys * sizeof(float);
}

/// The key or value vector of a chunk's token: in place, or expanded into `buffer`.
static const float *iqk_vector(const void *plane, iqk_format format, int64_t at, int64_t D, float *buffer) {
    if (format == IQK_F32) return (const float *)plane + at;
    const uint16_t *half = (const uint16_t *)plane + at;
    for (int64_t d = 0; d < D; d++) buffer[d] = iqk_float_from_f16(half[d]);
    return buffer;
}

static void iqk_attend_one(const iqk_attention_job *job, const iqk_attention_sequence *sequence, int64_t position,
                           int32_t kv_head, const float *q, double *out, float *scores, float *vector) {
    const iqk_attention_shape *shape = job->shape;
    const int64_t D = shape->head_dimension;
    const iqk_kv_chunk *chunks = job->chunks + sequence->chunk_start;
    float highest = -INFINITY;
    int64_t seen = 0;
    for (int32_t c = 0; c < sequence->chunk_count; c++) {
        for (int64_t t = 0; t < chunks[c].count; t++, seen++) {
            const int64_t key_position = chunks[c].first_position + t;
            scores[seen] = -INFINITY;
            if (shape->causal && key_position > position) continue;
            if (shape->window > 0 && key_position <= position - shape->window) continue;
            const int64_t at = kv_head * chunks[c].head_stride + t * chunks[c].token_stride;
            const float *key = iqk_vector(chunks[c].keys, shape->cache_format, at, D, vector);
            double dot = 0;
            for (int64_t d = 0; d < D; d++) dot += (double)q[d] * key[d];
            float score = (float)(dot * shape->scale);
            if (shape->soft_cap > 0) score = shape->soft_cap * tanhf(score / shape->soft_cap);
            scores[seen] = score;
            if (score > highest) highest = score;
        }
    }
    for (int64_t d = 0; d < D; d++) out[d] = 0;
    double sum = 0;
    seen = 0;
    for (int32_t c = 0; c < sequence->chunk_count; c++) {
        for (int64_t t = 0; t < chunks[c].count; t++, seen++) {
            if (scores[seen] == -INFINITY) continue;
            const float probability = expf(scores[seen] - highest);
            const int64_t at = kv_head * chunks[c].head_stride + t * chunks[c].token_stride;
            const float *value = iqk_vector(chunks[c].values, shape->cache_format, at, D, vector);
            sum += probability;
            for (int64_t d = 0; d < D; d++) out[d] += (double)probability * value[d];
        }
    }
    // A query that sees no key at all has a result of 0.
    const double inverse = sum != 0 ? 1 / sum : 0;
    for (int64_t d = 0; d < D; d++) out[d] *= inverse;
}

void iqk_attention_portable(const iqk_attention_job *job, const iqk_attention_task *task, void *scratch) {
    const iqk_attention_shape *shape = job->shape;
    const int64_t D = shape->head_dimension;
    const int32_t group = shape->heads / shape->kv_heads;
    double *result = scratch;
    float *vector = (float *)(result + D);
    float *scores = vector + D;
    for (int32_t query = task->first_query; query < task->first_query + task->query_count; query++) {
        const int64_t row = (int64_t)task->sequence->query_start + query;
        const int64_t position = (int64_t)task->sequence->first_position + query;
        for (int32_t member = 0; member < group; member++) {
            const int64_t column = ((int64_t)task->kv_head * group + member) * D;
            iqk_attend_one(job, task->sequence, position, task->kv_head, job->q + row * job->ldq + column, result,
                           scores, vector);
            for (int64_t d = 0; d < D; d++) job->out[row * job->ldo + column + d] = (float)result[d];
        }
    }
}
