// The kernels of the AVX2, FMA and F16C level.
#if defined(__x86_64__)

#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../internal.h"

// The package is built for any x86-64 processor; only the functions of this file may use the level's instructions.
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "simd_avx2.h"

#include "../vector/attention.h"
#include "../vector/product.h"
#include "../vector/attention_backward.h"
#include "../vector/attention_wide_products.h"
#include "../vector/gradients.h"
#include "../vector/rows.h"
#include "../vector/softmax_gradients.h"
#include "../vector/vocabulary.h"

#pragma clang attribute pop

#define IQK_LEVEL_TABLE iqk_kernels_avx2
#include "../vector/table.h"

#endif
