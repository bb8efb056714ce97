// The loops of peak.h in plain C: the reference of the others.
#include "../peak.h"

enum { LANES = 16 };

/// Makes the compiler believe that the memory was read and changed, so that no round is left out.
static inline void touch(void *memory) { __asm__ volatile("" : : "r"(memory) : "memory"); }

static int64_t run_f32(int64_t rounds, double *sum) {
    float lanes[LANES] = {0};
    for (int64_t round = 0; round < rounds; ++round) {
        for (int lane = 0; lane < LANES; ++lane) lanes[lane] = lanes[lane] * 0.5f + 1.0f;
        touch(lanes);
    }
    for (int lane = 0; lane < LANES; ++lane) *sum += lanes[lane];
    return rounds * LANES * 2;
}

static float widened(uint16_t bits) {
    union {
        uint32_t bits;
        float value;
    } wide = {(uint32_t)bits << 16};
    return wide.value;
}

static int64_t run_bf16(int64_t rounds, double *sum) {
    float lanes[LANES] = {0};
    uint16_t a[2 * LANES], b[2 * LANES];
    // One in bfloat16.
    for (int i = 0; i < 2 * LANES; ++i) a[i] = b[i] = 0x3f80;
    for (int64_t round = 0; round < rounds; ++round) {
        touch(a);
        touch(b);
        for (int lane = 0; lane < LANES; ++lane) {
            lanes[lane] += widened(a[2 * lane]) * widened(b[2 * lane]) + widened(a[2 * lane + 1]) * widened(b[2 * lane + 1]);
        }
        touch(lanes);
    }
    for (int lane = 0; lane < LANES; ++lane) *sum += lanes[lane];
    return rounds * LANES * 4;
}

static int64_t run_int8(int64_t rounds, double *sum) {
    uint32_t lanes[LANES] = {0};
    uint8_t a[4 * LANES];
    int8_t b[4 * LANES];
    for (int i = 0; i < 4 * LANES; ++i) a[i] = 1, b[i] = 1;
    for (int64_t round = 0; round < rounds; ++round) {
        touch(a);
        touch(b);
        for (int lane = 0; lane < LANES; ++lane) {
            int32_t products = 0;
            for (int i = 0; i < 4; ++i) products += (int32_t)a[4 * lane + i] * (int32_t)b[4 * lane + i];
            lanes[lane] += (uint32_t)products;
        }
        touch(lanes);
    }
    for (int lane = 0; lane < LANES; ++lane) *sum += lanes[lane];
    return rounds * LANES * 8;
}

const iqk_peak_kernels iqk_peak_kernels_portable = {
    .loops = {[IQK_OPERATION_F32] = run_f32, [IQK_OPERATION_BF16] = run_bf16, [IQK_OPERATION_INT8] = run_int8},
};
