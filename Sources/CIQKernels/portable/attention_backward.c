// The backward pass of attention in plain C, one query at a time, accumulated in double: the reference of all levels.
#include "portable.h"

#include <math.h>
#include <string.h>

/// What one query keeps of each key that it sees.
typedef struct iqk_seen_key {
    int64_t row;
    double probability;
    /// The derivative of the loss in the probability.
    double dprobability;
    /// The derivative of the bounded score in the plain one: 1 without a soft cap.
    double slope;
} iqk_seen_key;

size_t iqk_attention_backward_bytes_portable(int64_t keys) { return (size_t)keys * sizeof(iqk_seen_key); }

static double iqk_dot(const float *a, const float *b, int64_t D) {
    double sum = 0;
    for (int64_t d = 0; d < D; d++) sum += (double)a[d] * b[d];
    return sum;
}

static void iqk_add_scaled(double factor, const float *x, float *y, int64_t D) {
    for (int64_t d = 0; d < D; d++) y[d] += (float)(factor * x[d]);
}

/// Lists the keys that a query sees: those of its segment and of the segment's ancestors, within the mask.
static int64_t iqk_list_keys(const iqk_attention_backward_job *job, int64_t segment, int64_t position,
                             iqk_seen_key *seen) {
    int64_t count = 0;
    for (int64_t s = segment; s >= 0; s = job->segments[s].parent) {
        for (int64_t t = 0; t < job->segments[s].count; t++) {
            const int64_t key_position = job->segments[s].first_position + t;
            if (job->shape->causal && key_position > position) continue;
            if (job->shape->window > 0 && key_position <= position - job->shape->window) continue;
            seen[count++].row = job->segments[s].start + t;
        }
    }
    return count;
}

void iqk_attention_backward_portable(const iqk_attention_backward_job *job, int32_t kv_head, void *scratch) {
    const iqk_attention_shape *shape = job->shape;
    const int64_t D = shape->head_dimension, group = shape->heads / shape->kv_heads;
    const int64_t kv = kv_head * D;
    iqk_seen_key *seen = scratch;
    for (int64_t s = 0; s < job->segment_count; s++) {
        for (int64_t t = 0; t < job->segments[s].count; t++) {
            const int64_t row = job->segments[s].start + t;
            memset(job->dk + row * job->lddk + kv, 0, (size_t)D * sizeof(float));
            memset(job->dv + row * job->lddv + kv, 0, (size_t)D * sizeof(float));
            memset(job->dq + row * job->lddq + kv * group, 0, (size_t)(group * D) * sizeof(float));
        }
    }
    for (int64_t s = 0; s < job->segment_count; s++) {
        for (int64_t t = 0; t < job->segments[s].count; t++) {
            const int64_t row = job->segments[s].start + t;
            const int64_t count = iqk_list_keys(job, s, job->segments[s].first_position + t, seen);
            for (int64_t head = kv_head * group; head < (kv_head + 1) * group; head++) {
                const float *q = job->q + row * job->ldq + head * D;
                const float *dout = job->dout + row * job->lddo + head * D;
                double highest = -INFINITY, sum = 0, mean = 0;
                for (int64_t i = 0; i < count; i++) {
                    double score = shape->scale * iqk_dot(q, job->k + seen[i].row * job->ldk + kv, D);
                    seen[i].slope = 1;
                    if (shape->soft_cap > 0) {
                        const double bounded = tanh(score / shape->soft_cap);
                        score = shape->soft_cap * bounded;
                        seen[i].slope = 1 - bounded * bounded;
                    }
                    seen[i].probability = score;
                    if (score > highest) highest = score;
                }
                for (int64_t i = 0; i < count; i++) {
                    seen[i].probability = exp(seen[i].probability - highest);
                    sum += seen[i].probability;
                }
                for (int64_t i = 0; i < count; i++) {
                    seen[i].probability /= sum;
                    seen[i].dprobability = iqk_dot(dout, job->v + seen[i].row * job->ldv + kv, D);
                    mean += seen[i].probability * seen[i].dprobability;
                }
                for (int64_t i = 0; i < count; i++) {
                    const double dscore =
                        seen[i].probability * (seen[i].dprobability - mean) * seen[i].slope * shape->scale;
                    const int64_t key = seen[i].row;
                    iqk_add_scaled(dscore, job->k + key * job->ldk + kv, job->dq + row * job->lddq + head * D, D);
                    iqk_add_scaled(dscore, q, job->dk + key * job->lddk + kv, D);
                    iqk_add_scaled(seen[i].probability, dout, job->dv + key * job->lddv + kv, D);
                }
            }
        }
    }
}
