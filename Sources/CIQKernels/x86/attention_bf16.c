// Attention of training with products in bfloat16, AVX-512 with its bfloat16 instructions: the code of the vector levels,
// with other products. Scores, softmax and sums are f32.
#if defined(__x86_64__)

#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../internal.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), apply_to = function)

#include "simd_avx512.h"

#include "product_bf16.h"

#define v_multiply v_multiply_rounded

#include "../vector/attention.h"
#include "../vector/attention_backward.h"

static void iqk_wide_scores(const iqk_wide *wide, const float *keys, int64_t stride, int64_t count) {
    v_multiply(&(v_product){.M = count, .N = wide->R, .K = wide->D, .a = keys, .a_row = stride, .a_step = 1,
                            .b = wide->q, .ldb = wide->R, .c = wide->scores, .ldc = wide->R});
}

static void iqk_wide_values(const iqk_wide *wide, const float *values, int64_t stride, int64_t count) {
    for (int64_t d = 0; d < wide->D; d++) {
        for (int64_t row = 0; row < wide->R; row += V_WIDTH) {
            float *out = wide->out + d * wide->R + row;
            v_store(out, v_mul(v_load(out), v_load(wide->factors + row)));
        }
    }
    v_multiply(&(v_product){.M = wide->D, .N = wide->R, .K = count, .a = values, .a_row = 1, .a_step = stride,
                            .b = wide->scores, .ldb = wide->R, .c = wide->out, .ldc = wide->R, .adds = true});
}

#pragma clang attribute pop

const iqk_attention_kernels iqk_attention_kernels_avx512_bf16 = {
    .rows = 64,
    .shared_rows = V_WIDTH / 2,
    .bytes = iqk_vector_attention_bytes,
    .forward = iqk_vector_attention,
    .backward = iqk_vector_attention_backward,
    .backward_bytes = iqk_vector_attention_backward_bytes,
};

#endif
