// The block layouts of the number formats, as GGUF stores them, and the conversions that every level shares.
//
// All structures consist of bytes, so that a block may start at any address of a mapped file. Numbers are little-endian.
// Source of the layouts: the GGUF specification and the `quants` module of its reference package.
#ifndef IQK_FORMATS_H
#define IQK_FORMATS_H

#include <stdint.h>
#include <string.h>

#include "CIQKernels.h"

enum {
    /// Weights that share one scale in the simple block formats.
    IQK_BLOCK = 32,
    /// Weights of one block of the K formats: eight runs of 32 under a common scale.
    IQK_SUPER_BLOCK = 256,
};

/// value = scale * q, q in -128...127.
typedef struct iqk_block_q8_0 {
    uint8_t scale[2];
    int8_t q[32];
} iqk_block_q8_0;

/// value = scale * (q - 8). Byte j holds weight j in its low half and weight j + 16 in its high half.
typedef struct iqk_block_q4_0 {
    uint8_t scale[2];
    uint8_t q[16];
} iqk_block_q4_0;

/// value = scale * q + minimum.
typedef struct iqk_block_q4_1 {
    uint8_t scale[2];
    uint8_t minimum[2];
    uint8_t q[16];
} iqk_block_q4_1;

/// value = scale * (q - 16); bit j of `high` is the fifth bit of weight j.
typedef struct iqk_block_q5_0 {
    uint8_t scale[2];
    uint8_t high[4];
    uint8_t q[16];
} iqk_block_q5_0;

/// value = scale * q + minimum.
typedef struct iqk_block_q5_1 {
    uint8_t scale[2];
    uint8_t minimum[2];
    uint8_t high[4];
    uint8_t q[16];
} iqk_block_q5_1;

/// value = scale * s * q - minimum * m, with s and m of six bits for each run of 32 weights.
typedef struct iqk_block_q4_k {
    uint8_t scale[2];
    uint8_t minimum[2];
    uint8_t scales[12];
    uint8_t q[128];
} iqk_block_q4_k;

/// As q4_K; bit r of high[j] is the fifth bit of weight j of run r.
typedef struct iqk_block_q5_k {
    uint8_t scale[2];
    uint8_t minimum[2];
    uint8_t scales[12];
    uint8_t high[32];
    uint8_t q[128];
} iqk_block_q5_k;

/// value = scale * s * (q - 32), with a signed s of eight bits for each run of 16 weights.
typedef struct iqk_block_q6_k {
    uint8_t low[128];
    uint8_t high[64];
    int8_t scales[16];
    uint8_t scale[2];
} iqk_block_q6_k;

static inline uint16_t iqk_load_u16(const uint8_t *bytes) {
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint32_t iqk_load_u32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline float iqk_float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t iqk_bits_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// Exact, subnormal numbers, infinities and NaN included.
static inline float iqk_float_from_f16(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t magnitude = half & 0x7fff;
    if (magnitude >= 0x7c00) return iqk_float_from_bits(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
    if (magnitude >= 0x0400) return iqk_float_from_bits(sign | ((magnitude << 13) + (112u << 23)));
    // Subnormal: an integer times 2^-24.
    const float value = (float)magnitude * 0x1p-24f;
    return sign ? -value : value;
}

/// Rounds to the nearest, ties to even; too large becomes infinity; NaN stays NaN.
static inline uint16_t iqk_f16_from_float(float value) {
    const uint32_t bits = iqk_bits_from_float(value);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    const uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
    if (magnitude >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
    if (magnitude >= 0x38800000) {
        const uint32_t rebased = magnitude - (112u << 23);
        return (uint16_t)(sign | (rebased + 0xfff + (rebased >> 13 & 1)) >> 13);
    }
    // Subnormal: adding 1/2 leaves the integer multiple of 2^-24 in the last bits, rounded by the addition.
    const float shifted = iqk_float_from_bits(magnitude) + 0.5f;
    return (uint16_t)(sign | (iqk_bits_from_float(shifted) - 0x3f000000));
}

static inline float iqk_float_from_bf16(uint16_t brain) { return iqk_float_from_bits((uint32_t)brain << 16); }

/// Rounds to the nearest, ties to even; NaN stays NaN (quiet).
static inline uint16_t iqk_bf16_from_float(float value) {
    const uint32_t bits = iqk_bits_from_float(value);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float iqk_load_f16(const uint8_t *bytes) { return iqk_float_from_f16(iqk_load_u16(bytes)); }

/// The six-bit scale and minimum of run r (0...7) of a q4_K or q5_K block.
static inline void iqk_unpack_k_scale(const uint8_t scales[12], int run, uint8_t *scale, uint8_t *minimum) {
    if (run < 4) {
        *scale = scales[run] & 63;
        *minimum = scales[run + 4] & 63;
    } else {
        *scale = (uint8_t)((scales[run + 4] & 15) | (scales[run - 4] >> 6) << 4);
        *minimum = (uint8_t)(scales[run + 4] >> 4 | (scales[run] >> 6) << 4);
    }
}

/// All eight scales and minima of a q4_K or q5_K block, one a byte.
static inline void iqk_unpack_k_scales(const uint8_t scales[12], uint64_t *scale, uint64_t *minimum) {
    const uint32_t a = iqk_load_u32(scales), b = iqk_load_u32(scales + 4), c = iqk_load_u32(scales + 8);
    *scale = (a & 0x3f3f3f3f) | (uint64_t)((c & 0x0f0f0f0f) | (a >> 2 & 0x30303030)) << 32;
    *minimum = (b & 0x3f3f3f3f) | (uint64_t)((c >> 4 & 0x0f0f0f0f) | (b >> 2 & 0x30303030)) << 32;
}

static inline int64_t iqk_bytes_of(iqk_format format, int64_t count) {
    return count / iqk_format_block_length(format) * iqk_format_block_bytes(format);
}

// The three functions below fold away where the format is a constant, which kernels rely on.

/// What is subtracted from the stored integers of a format whose values lie on both sides of zero.
static inline int iqk_format_centre(iqk_format format) {
    return format == IQK_Q4_0 ? 8 : format == IQK_Q5_0 ? 16 : format == IQK_Q6_K ? 32 : 0;
}

/// True if the weights of a block share an offset that is added to them.
static inline bool iqk_format_has_offset(iqk_format format) {
    return format == IQK_Q4_1 || format == IQK_Q5_1 || format == IQK_Q4_K || format == IQK_Q5_K;
}

/// Bytes of one unit, the weights between two reads of scales: a block, or 32 weights of a plain format.
static inline int64_t iqk_unit_bytes(iqk_format format) {
    switch (format) {
    case IQK_F32: return 128;
    case IQK_F16:
    case IQK_BF16: return 64;
    case IQK_Q8_0: return sizeof(iqk_block_q8_0);
    case IQK_Q4_0: return sizeof(iqk_block_q4_0);
    case IQK_Q4_1: return sizeof(iqk_block_q4_1);
    case IQK_Q5_0: return sizeof(iqk_block_q5_0);
    case IQK_Q5_1: return sizeof(iqk_block_q5_1);
    case IQK_Q4_K: return sizeof(iqk_block_q4_k);
    case IQK_Q5_K: return sizeof(iqk_block_q5_k);
    case IQK_Q6_K: return sizeof(iqk_block_q6_k);
    case IQK_FORMAT_COUNT: break;
    }
    return 0;
}

/// Runs of 32 weights in one unit: 8 in the K formats, else 1.
static inline int iqk_unit_runs(iqk_format format) {
    return format == IQK_Q4_K || format == IQK_Q5_K || format == IQK_Q6_K ? 8 : 1;
}

/// Expands `count` weights, whole blocks; exact on every level.
void iqk_dequantize_portable(iqk_format format, const void *source, float *destination, int64_t count);
/// Rounds `count` weights to F32, F16, BF16, Q8_0 or Q4_0; false for another format.
bool iqk_quantize_portable(iqk_format format, const float *source, void *destination, int64_t count);

#endif
