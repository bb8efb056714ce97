// Expansion of whole runs of stored weights to f32, AVX2.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "formats_avx2.h"
#include "kernels_avx2.h"

IQK_INLINE void expand_units(iqk_format format, const uint8_t *source, float *destination, int64_t count) {
    const int runs = iqk_unit_runs(format);
    const int64_t whole = count / IQK_BLOCK * IQK_BLOCK;
    for (int64_t at = 0; at < whole; at += runs * IQK_BLOCK, source += iqk_unit_bytes(format)) {
        unit_scales scales;
        read_scales(format, source, &scales);
#pragma clang loop unroll(full)
        for (int run = 0; run < runs; ++run) {
            const weights32 w = expand(format, source, run, &scales);
            for (int i = 0; i < 4; ++i) _mm256_storeu_ps(destination + at + run * 32 + i * 8, w.part[i]);
        }
    }
    // Only plain formats have a length that is no multiple of 32.
    if (whole < count) iqk_dequantize_portable(format, source, destination + whole, count - whole);
}

void iqk_dequantize_avx2(iqk_format format, const void *source, float *destination, int64_t count) {
    switch (format) {
    case IQK_F32: memcpy(destination, source, (size_t)count * sizeof(float)); break;
    case IQK_F16: expand_units(IQK_F16, source, destination, count); break;
    case IQK_BF16: expand_units(IQK_BF16, source, destination, count); break;
    case IQK_Q8_0: expand_units(IQK_Q8_0, source, destination, count); break;
    case IQK_Q4_0: expand_units(IQK_Q4_0, source, destination, count); break;
    case IQK_Q4_1: expand_units(IQK_Q4_1, source, destination, count); break;
    case IQK_Q5_0: expand_units(IQK_Q5_0, source, destination, count); break;
    case IQK_Q5_1: expand_units(IQK_Q5_1, source, destination, count); break;
    case IQK_Q4_K: expand_units(IQK_Q4_K, source, destination, count); break;
    case IQK_Q5_K: expand_units(IQK_Q5_K, source, destination, count); break;
    case IQK_Q6_K: expand_units(IQK_Q6_K, source, destination, count); break;
    case IQK_FORMAT_COUNT: break;
    }
}

#pragma clang attribute pop

#endif
