// The row kernels of the AVX-512 level.
#ifndef IQK_KERNELS_AVX512_H
#define IQK_KERNELS_AVX512_H

#include "../linear.h"

void iqk_dequantize_avx512(iqk_format format, const void *source, float *destination, int64_t count);
void iqk_linear_exact_avx512(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch);
/// With VNNI; a processor without it takes the AVX2 version.
void iqk_linear_integer_vnni(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch);

#endif
