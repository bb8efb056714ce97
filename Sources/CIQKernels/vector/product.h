// Products of small matrices that lie in the cache, without packing, in the vocabulary of `simd_*.h`. Included once per
// level.
#ifndef IQK_VECTOR_PRODUCT_H
#define IQK_VECTOR_PRODUCT_H

#include "product_description.h"

/// Rows of a tile whose sums, with a row of b and one number of a, fit into the registers.
enum { V_PRODUCT_ROWS = 6 };

/// `rows` x `vectors` vectors of c, from row m and column n on; the last vector has `part` columns if that is not 0.
/// Called with constants, so that the loops unroll and the sums stay in registers.
static inline __attribute__((always_inline)) void v_product_tile(const v_product *p, int64_t m, int64_t n, int rows,
                                                                 int vectors, int64_t part) {
    vf sums[V_PRODUCT_ROWS][V_PRODUCT_VECTORS];
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (int column = 0; column < vectors; column++) sums[row][column] = v_set(0);
    }
    const float *a = p->a + m * p->a_row, *b = p->b + n;
    const int64_t a_row = p->a_row, a_step = p->a_step, ldb = p->ldb, K = p->K;
    for (int64_t k = 0; k < K; k++) {
        vf line[V_PRODUCT_VECTORS];
#pragma clang loop unroll(full)
        for (int column = 0; column < vectors; column++) {
            line[column] = part ? v_load_part(b, part) : v_load(b + column * V_WIDTH);
        }
#pragma clang loop unroll(full)
        for (int row = 0; row < rows; row++) {
            const vf factor = v_set(a[row * a_row]);
#pragma clang loop unroll(full)
            for (int column = 0; column < vectors; column++) {
                sums[row][column] = v_fma(factor, line[column], sums[row][column]);
            }
        }
        a += a_step;
        b += ldb;
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (int column = 0; column < vectors; column++) {
            float *c = p->c + (m + row) * p->ldc + n + column * V_WIDTH;
            vf sum = sums[row][column];
            if (part) {
                if (p->adds) sum = v_add(v_load_part(c, part), sum);
                v_store_part(c, sum, part);
            } else {
                if (p->adds) sum = v_add(v_load(c), sum);
                v_store(c, sum);
            }
        }
    }
}

static inline __attribute__((always_inline)) void v_product_columns(const v_product *p, int64_t n, int vectors,
                                                                    int64_t part) {
    int64_t m = 0;
    for (; m + V_PRODUCT_ROWS <= p->M; m += V_PRODUCT_ROWS) v_product_tile(p, m, n, V_PRODUCT_ROWS, vectors, part);
    for (; m + 2 <= p->M; m += 2) v_product_tile(p, m, n, 2, vectors, part);
    if (m < p->M) v_product_tile(p, m, n, 1, vectors, part);
}

static void v_multiply(const v_product *p) {
    int64_t n = 0;
    for (; n + V_PRODUCT_VECTORS * V_WIDTH <= p->N; n += V_PRODUCT_VECTORS * V_WIDTH) {
        v_product_columns(p, n, V_PRODUCT_VECTORS, 0);
    }
    if (V_PRODUCT_VECTORS > 2 && n + 2 * V_WIDTH <= p->N) {
        v_product_columns(p, n, 2, 0);
        n += 2 * V_WIDTH;
    }
    if (n + V_WIDTH <= p->N) {
        v_product_columns(p, n, 1, 0);
        n += V_WIDTH;
    }
    if (n < p->N) v_product_columns(p, n, 1, p->N - n);
}

#endif
