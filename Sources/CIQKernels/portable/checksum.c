// CRC-32C in plain C: eight bytes at a time by eight tables ("slicing by 8"; Kounavis and Berry, "A systematic approach to
// building high performance, software-based, CRC generators", ISCC 2005).
#include "../checksum.h"

#include <pthread.h>

enum { slices = 8, byte_values = 256, byte_bits = 8 };

/// Castagnoli's polynomial with its bits reversed (RFC 3720, section 12.1).
static const uint32_t polynomial = 0x82F63B78u;

/// tables[k][b]: the remainder of byte b followed by k zero bytes.
static uint32_t tables[slices][byte_values];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill_tables(void) {
    for (uint32_t byte = 0; byte < byte_values; byte++) {
        uint32_t remainder = byte;
        for (int bit = 0; bit < byte_bits; bit++) {
            remainder = remainder >> 1 ^ (remainder & 1 ? polynomial : 0);
        }
        tables[0][byte] = remainder;
    }
    for (int slice = 1; slice < slices; slice++) {
        for (int byte = 0; byte < byte_values; byte++) {
            const uint32_t shorter = tables[slice - 1][byte];
            tables[slice][byte] = shorter >> byte_bits ^ tables[0][shorter & 0xFF];
        }
    }
}

static uint32_t little_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t iqk_crc32c_portable(uint32_t crc, const void *bytes, int64_t count) {
    pthread_once(&tables_once, fill_tables);
    const uint8_t *next = bytes;
    uint32_t remainder = ~crc;
    for (; count >= slices; count -= slices, next += slices) {
        const uint32_t low = remainder ^ little_endian(next), high = little_endian(next + 4);
        remainder = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF]
            ^ tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF]
            ^ tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
    }
    for (; count > 0; count--, next++) remainder = remainder >> byte_bits ^ tables[0][(remainder ^ *next) & 0xFF];
    return ~remainder;
}
