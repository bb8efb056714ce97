// Applies a set of allowed tokens to a row of logits.
#include "../include/CIQKernels.h"

#include <math.h>

enum { word_bits = 64, half_bits = 32 };

/// The bit of each place in half a word: a table, so that the loop over places is one of plain vectors.
static const uint32_t bit_of_place[half_bits] = {
    1u << 0,  1u << 1,  1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,  1u << 8,  1u << 9,  1u << 10,
    1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15, 1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20, 1u << 21,
    1u << 22, 1u << 23, 1u << 24, 1u << 25, 1u << 26, 1u << 27, 1u << 28, 1u << 29, 1u << 30, 1u << 31};

static void keep_half(float *x, uint32_t bits) {
    if (bits == UINT32_MAX) return;
    for (int place = 0; place < half_bits; place++) x[place] = bits & bit_of_place[place] ? x[place] : -INFINITY;
}

void iqk_keep_allowed(float *x, int64_t count, const uint64_t *allowed, int64_t allowed_words) {
    const int64_t whole_words = count / word_bits < allowed_words ? count / word_bits : allowed_words;
    for (int64_t word = 0; word < whole_words; word++) {
        keep_half(x + word * word_bits, (uint32_t)allowed[word]);
        keep_half(x + word * word_bits + half_bits, (uint32_t)(allowed[word] >> half_bits));
    }
    for (int64_t i = whole_words * word_bits; i < count; i++) {
        const int64_t word = i / word_bits;
        const bool keeps = word < allowed_words && (allowed[word] >> (i % word_bits) & 1);
        if (!keeps) x[i] = -INFINITY;
    }
}
