// Products with packed f32 weights, AVX-512.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)

#include "packed_words.h"

static inline __m512 multiply_add(__m512 acc, __m512i word, __m512i weights) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(word), _mm512_castsi512_ps(weights), acc);
}

void iqk_packed_f32_avx512(const iqk_packed_job *job, int64_t first_run, int64_t last_run, int64_t first_row,
                           int64_t last_row) {
    multiply_words(job, first_run, last_run, first_row, last_row);
}

#pragma clang attribute pop

#endif
