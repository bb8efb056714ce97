// What a product of small matrices is of, in any number format.
#ifndef IQK_VECTOR_PRODUCT_DESCRIPTION_H
#define IQK_VECTOR_PRODUCT_DESCRIPTION_H

#include "../internal.h"

/// c[M, N] = a * b, or += where `adds`. Element (m, k) of a is a[m * a_row + k * a_step]; b and c are row-major.
typedef struct v_product {
    int64_t M, N, K;
    const float *a;
    int64_t a_row, a_step;
    const float *b;
    int64_t ldb;
    float *c;
    int64_t ldc;
    bool adds;
} v_product;

#endif
