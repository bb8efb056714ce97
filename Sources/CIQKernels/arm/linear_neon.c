// Products with stored weights, NEON.

#if defined(__aarch64__)

#include "../linear.h"

const iqk_linear_kernels iqk_linear_kernels_neon = {
    .dequantize = iqk_dequantize_portable,
    .exact = iqk_linear_exact_portable,
    .integer = iqk_linear_integer_portable,
    .integer_lanes = 1,
    .round_row = iqk_round_row_portable,
    // Accelerate's sgemm runs on matrix units that no kernel of ours reaches.
    .gemm_rows = 16,
};

#endif
