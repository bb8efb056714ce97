// The row kernels of the AVX2 level.
#ifndef IQK_KERNELS_AVX2_H
#define IQK_KERNELS_AVX2_H

#include "../linear.h"

void iqk_dequantize_avx2(iqk_format format, const void *source, float *destination, int64_t count);
void iqk_linear_exact_avx2(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch);
void iqk_linear_integer_avx2(const iqk_linear_job *job, int64_t first, int64_t last, float *scratch);
void iqk_round_row_avx2(const iqk_linear_job *job, int64_t t);

#endif
