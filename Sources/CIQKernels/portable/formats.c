// Number formats in plain C: sizes, expansion to f32 and rounding from f32. The reference of every faster version.

#include "../formats.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

static const struct {
    int32_t block_length;
    int32_t block_bytes;
} format_sizes[IQK_FORMAT_COUNT] = {
    [IQK_F32] = {1, 4},
    [IQK_F16] = {1, 2},
    [IQK_BF16] = {1, 2},
    [IQK_Q8_0] = {IQK_BLOCK, sizeof(iqk_block_q8_0)},
    [IQK_Q4_0] = {IQK_BLOCK, sizeof(iqk_block_q4_0)},
    [IQK_Q4_1] = {IQK_BLOCK, sizeof(iqk_block_q4_1)},
    [IQK_Q5_0] = {IQK_BLOCK, sizeof(iqk_block_q5_0)},
    [IQK_Q5_1] = {IQK_BLOCK, sizeof(iqk_block_q5_1)},
    [IQK_Q4_K] = {IQK_SUPER_BLOCK, sizeof(iqk_block_q4_k)},
    [IQK_Q5_K] = {IQK_SUPER_BLOCK, sizeof(iqk_block_q5_k)},
    [IQK_Q6_K] = {IQK_SUPER_BLOCK, sizeof(iqk_block_q6_k)},
};

static bool format_is_known(iqk_format format) { return (int)format >= 0 && format < IQK_FORMAT_COUNT; }

int64_t iqk_format_block_length(iqk_format format) {
    return format_is_known(format) ? format_sizes[format].block_length : 0;
}

int64_t iqk_format_block_bytes(iqk_format format) {
    return format_is_known(format) ? format_sizes[format].block_bytes : 0;
}

// MARK: Expansion

static void expand_q8_0(const iqk_block_q8_0 *block, float *out) {
    const float scale = iqk_load_f16(block->scale);
    for (int j = 0; j < 32; ++j) out[j] = scale * (float)block->q[j];
}

static void expand_q4_0(const iqk_block_q4_0 *block, float *out) {
    const float scale = iqk_load_f16(block->scale);
    for (int j = 0; j < 16; ++j) {
        out[j] = scale * (float)((block->q[j] & 15) - 8);
        out[j + 16] = scale * (float)((block->q[j] >> 4) - 8);
    }
}

static void expand_q4_1(const iqk_block_q4_1 *block, float *out) {
    const float scale = iqk_load_f16(block->scale), minimum = iqk_load_f16(block->minimum);
    for (int j = 0; j < 16; ++j) {
        out[j] = scale * (float)(block->q[j] & 15) + minimum;
        out[j + 16] = scale * (float)(block->q[j] >> 4) + minimum;
    }
}

static void expand_q5_0(const iqk_block_q5_0 *block, float *out) {
    const float scale = iqk_load_f16(block->scale);
    const uint32_t high = iqk_load_u32(block->high);
    for (int j = 0; j < 16; ++j) {
        out[j] = scale * (float)((int)((block->q[j] & 15) | (high >> j & 1) << 4) - 16);
        out[j + 16] = scale * (float)((int)(block->q[j] >> 4 | (high >> (j + 16) & 1) << 4) - 16);
    }
}

static void expand_q5_1(const iqk_block_q5_1 *block, float *out) {
    const float scale = iqk_load_f16(block->scale), minimum = iqk_load_f16(block->minimum);
    const uint32_t high = iqk_load_u32(block->high);
    for (int j = 0; j < 16; ++j) {
        out[j] = scale * (float)((block->q[j] & 15) | (high >> j & 1) << 4) + minimum;
        out[j + 16] = scale * (float)(block->q[j] >> 4 | (high >> (j + 16) & 1) << 4) + minimum;
    }
}

static void expand_q4_k(const iqk_block_q4_k *block, float *out) {
    const float scale = iqk_load_f16(block->scale), minimum = iqk_load_f16(block->minimum);
    for (int run = 0; run < 8; ++run) {
        uint8_t s, m;
        iqk_unpack_k_scale(block->scales, run, &s, &m);
        const float run_scale = scale * (float)s, run_minimum = minimum * (float)m;
        const uint8_t *q = block->q + run / 2 * 32;
        const int shift = run % 2 * 4;
        for (int j = 0; j < 32; ++j) out[run * 32 + j] = run_scale * (float)(q[j] >> shift & 15) - run_minimum;
    }
}

static void expand_q5_k(const iqk_block_q5_k *block, float *out) {
    const float scale = iqk_load_f16(block->scale), minimum = iqk_load_f16(block->minimum);
    for (int run = 0; run < 8; ++run) {
        uint8_t s, m;
        iqk_unpack_k_scale(block->scales, run, &s, &m);
        const float run_scale = scale * (float)s, run_minimum = minimum * (float)m;
        const uint8_t *q = block->q + run / 2 * 32;
        const int shift = run % 2 * 4;
        for (int j = 0; j < 32; ++j) {
            const int value = (q[j] >> shift & 15) | (block->high[j] >> run & 1) << 4;
            out[run * 32 + j] = run_scale * (float)value - run_minimum;
        }
    }
}

static void expand_q6_k(const iqk_block_q6_k *block, float *out) {
    const float scale = iqk_load_f16(block->scale);
    for (int run = 0; run < 8; ++run) {
        // Runs 0...3 lie in the first halves of `low` and `high`, runs 4...7 in the second.
        const uint8_t *low = block->low + run / 4 * 64 + run % 2 * 32;
        const uint8_t *high = block->high + run / 4 * 32;
        const int low_shift = run % 4 / 2 * 4, high_shift = run % 4 * 2;
        for (int j = 0; j < 32; ++j) {
            const float run_scale = scale * (float)block->scales[run * 2 + j / 16];
            const int value = ((low[j] >> low_shift & 15) | (high[j] >> high_shift & 3) << 4) - 32;
            out[run * 32 + j] = run_scale * (float)value;
        }
    }
}

#define EXPAND_BLOCKS(name, length)                                                                                    \
    do {                                                                                                               \
        const iqk_block_##name *blocks = source;                                                                       \
        for (int64_t i = 0; i < count / (length); ++i) expand_##name(blocks + i, destination + i * (length));          \
    } while (0)

void iqk_dequantize_portable(iqk_format format, const void *source, float *destination, int64_t count) {
    const uint8_t *bytes = source;
    switch (format) {
    case IQK_F32: memcpy(destination, source, (size_t)count * sizeof(float)); break;
    case IQK_F16:
        for (int64_t i = 0; i < count; ++i) destination[i] = iqk_float_from_f16(iqk_load_u16(bytes + 2 * i));
        break;
    case IQK_BF16:
        for (int64_t i = 0; i < count; ++i) destination[i] = iqk_float_from_bf16(iqk_load_u16(bytes + 2 * i));
        break;
    case IQK_Q8_0: EXPAND_BLOCKS(q8_0, IQK_BLOCK); break;
    case IQK_Q4_0: EXPAND_BLOCKS(q4_0, IQK_BLOCK); break;
    case IQK_Q4_1: EXPAND_BLOCKS(q4_1, IQK_BLOCK); break;
    case IQK_Q5_0: EXPAND_BLOCKS(q5_0, IQK_BLOCK); break;
    case IQK_Q5_1: EXPAND_BLOCKS(q5_1, IQK_BLOCK); break;
    case IQK_Q4_K: EXPAND_BLOCKS(q4_k, IQK_SUPER_BLOCK); break;
    case IQK_Q5_K: EXPAND_BLOCKS(q5_k, IQK_SUPER_BLOCK); break;
    case IQK_Q6_K: EXPAND_BLOCKS(q6_k, IQK_SUPER_BLOCK); break;
    case IQK_FORMAT_COUNT: break;
    }
}

// MARK: Rounding

/// The value of largest magnitude, the first one of equals.
static float extreme_of_block(const float *x) {
    float magnitude = 0, extreme = 0;
    for (int j = 0; j < IQK_BLOCK; ++j) {
        if (fabsf(x[j]) > magnitude) {
            magnitude = fabsf(x[j]);
            extreme = x[j];
        }
    }
    return extreme;
}

/// Converts to an integer within limits; NaN, which no integer stands for, becomes 0.
static int clamped_integer(float value, int low, int high) {
    if (!(value == value)) return 0;
    if (value <= (float)low) return low;
    return value >= (float)high ? high : (int)value;
}

static void store_f16(float value, uint8_t *bytes) {
    const uint16_t half = iqk_f16_from_float(value);
    memcpy(bytes, &half, sizeof half);
}

// The scale divides by 127 and numbers round half away from zero, as in GGUF's reference.
static void round_q8_0(const float *x, iqk_block_q8_0 *block) {
    const float scale = fabsf(extreme_of_block(x)) / 127.0f;
    const float inverse = scale != 0 ? 1.0f / scale : 0;
    store_f16(scale, block->scale);
    for (int j = 0; j < 32; ++j) block->q[j] = (int8_t)clamped_integer(roundf(x[j] * inverse), -127, 127);
}

// The extreme value maps to -8 exactly; the others are truncated after adding 8.5, as in GGUF's reference.
static void round_q4_0(const float *x, iqk_block_q4_0 *block) {
    const float scale = extreme_of_block(x) / -8.0f;
    const float inverse = scale != 0 ? 1.0f / scale : 0;
    store_f16(scale, block->scale);
    for (int j = 0; j < 16; ++j) {
        const int low = clamped_integer(x[j] * inverse + 8.5f, 0, 15);
        const int high = clamped_integer(x[j + 16] * inverse + 8.5f, 0, 15);
        block->q[j] = (uint8_t)(low | high << 4);
    }
}

bool iqk_quantize_portable(iqk_format format, const float *source, void *destination, int64_t count) {
    uint8_t *bytes = destination;
    switch (format) {
    case IQK_F32: memcpy(destination, source, (size_t)count * sizeof(float)); return true;
    case IQK_F16:
        for (int64_t i = 0; i < count; ++i) store_f16(source[i], bytes + 2 * i);
        return true;
    case IQK_BF16:
        for (int64_t i = 0; i < count; ++i) {
            const uint16_t brain = iqk_bf16_from_float(source[i]);
            memcpy(bytes + 2 * i, &brain, sizeof brain);
        }
        return true;
    case IQK_Q8_0:
        for (int64_t i = 0; i < count / IQK_BLOCK; ++i)
            round_q8_0(source + i * IQK_BLOCK, (iqk_block_q8_0 *)destination + i);
        return true;
    case IQK_Q4_0:
        for (int64_t i = 0; i < count / IQK_BLOCK; ++i)
            round_q4_0(source + i * IQK_BLOCK, (iqk_block_q4_0 *)destination + i);
        return true;
    default: return false;
    }
}
