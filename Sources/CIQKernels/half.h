// Conversions between f32 and the 16-bit format of the key/value cache, for the levels without instructions for them.
#ifndef IQK_HALF_H
#define IQK_HALF_H

#include <stdint.h>
#include <string.h>

/// Exact, subnormal numbers, infinities and NaN included.
static inline float iqk_half_to_float(uint16_t half) {
    const uint32_t sign = (uint32_t)(half >> 15) << 31;
    const uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
    uint32_t bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000u | fraction << 13;
    } else if (exponent == 0) {
        // An integer multiple of 2^-24, which f32 holds exactly.
        const float magnitude = (float)fraction * 0x1p-24f;
        memcpy(&bits, &magnitude, sizeof bits);
        bits |= sign;
    } else {
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Rounds to the nearest, ties to even; too large becomes infinity; NaN stays NaN.
static inline uint16_t iqk_float_to_half(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | (magnitude >> 13 & 0x3ffu));
    if (magnitude >= 0x47800000u) return (uint16_t)(sign | 0x7c00u);
    // Shift the fraction to where its last bit counts 2^(exponent - 10), or 2^-24 below the normal range.
    uint32_t fraction = magnitude, shift = 13, base = 112u << 10;
    if (magnitude < 0x38800000u) {
        if (magnitude < 0x33000000u) return sign;
        fraction = (magnitude & 0x7fffffu) | 0x800000u;
        shift = 126u - (magnitude >> 23);
        base = 0;
    }
    const uint32_t rest = fraction & ((1u << shift) - 1), halfway = 1u << (shift - 1);
    uint32_t rounded = (fraction >> shift) - base;
    if (rest > halfway || (rest == halfway && (rounded & 1u))) rounded++;
    return (uint16_t)(sign | rounded);
}

#endif
