// Products with stored weights, AVX2.

#if defined(__x86_64__)

#include "../linear.h"

void iqk_dequantize_avx2(iqk_format format, const void *source, float *destination, int64_t count);

const iqk_linear_kernels iqk_linear_kernels_avx2 = {
    .dequantize = iqk_dequantize_avx2,
    .exact = iqk_linear_exact_portable,
    .integer = iqk_linear_integer_portable,
    .round_row = iqk_round_row_portable,
    .sgemm_rows = 0,
};

#endif
