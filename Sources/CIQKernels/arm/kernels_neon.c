// The kernels of the NEON level. Every arm64 processor has NEON, so that no target attribute is needed.
#if defined(__aarch64__)

#include "simd_neon.h"

#include "../vector/attention.h"
#include "../vector/product.h"
#include "../vector/attention_backward.h"
#include "../vector/attention_wide_products.h"
#include "../vector/gradients.h"
#include "../vector/rows.h"
#include "../vector/softmax_gradients.h"
#include "../vector/vocabulary.h"

#define IQK_LEVEL_TABLE iqk_kernels_neon
#include "../vector/table.h"

#endif
