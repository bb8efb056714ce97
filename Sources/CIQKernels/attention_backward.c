// The backward pass of attention: every key/value head is a task of its own, so that sums need no lock.
#include "internal.h"

static void iqk_attention_backward_part(void *argument, int32_t thread, int64_t first, int64_t last) {
    const iqk_attention_backward_job *job = argument;
    void *scratch = iqk_scratch(job->context, thread, IQK_SCRATCH_ATTENTION, job->scratch_bytes);
    for (int64_t head = first; head < last; head++) iqk_attention_backward_portable(job, (int32_t)head, scratch);
}

iqk_status iqk_attention_backward(iqk_context *context, const iqk_attention_shape *shape, const float *q, int64_t ldq,
                                  const float *k, int64_t ldk, const float *v, int64_t ldv, const float *dout,
                                  int64_t lddo, const iqk_segment *segments, int64_t segment_count, float *dq,
                                  int64_t lddq, float *dk, int64_t lddk, float *dv, int64_t lddv) {
    if (shape->heads < 1 || shape->kv_heads < 1 || shape->heads % shape->kv_heads != 0) return IQK_INVALID_ARGUMENT;
    int64_t keys = 1;
    for (int64_t s = 0; s < segment_count; s++) {
        if (segments[s].parent >= s) return IQK_INVALID_ARGUMENT;
        keys += segments[s].count;
    }
    iqk_attention_backward_job job = {context, shape, q,  ldq,  k,  ldk,  v,  ldv,  dout, lddo, segments, segment_count,
                                      dq,      lddq,  dk, lddk, dv, lddv, iqk_attention_backward_bytes_portable(keys)};
    if (!iqk_scratch_reserve(context, IQK_SCRATCH_ATTENTION, job.scratch_bytes)) return IQK_OUT_OF_MEMORY;
    iqk_parallel_for(context, shape->kv_heads, iqk_attention_backward_part, &job);
    return IQK_OK;
}
