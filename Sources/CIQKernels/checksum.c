// CRC-32C by the processor's own instructions: x86 with SSE4.2, arm64 with the CRC extension.
#include "checksum.h"

#include <string.h>

#if defined(__linux__) && defined(__aarch64__)
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)
#define IQK_CRC_TARGET __attribute__((target("sse4.2")))
#define iqk_crc_eight(remainder, word) ((uint32_t)__builtin_ia32_crc32di((remainder), (word)))
#define iqk_crc_one(remainder, byte) __builtin_ia32_crc32qi((remainder), (byte))
#elif defined(__aarch64__)
#define IQK_CRC_TARGET __attribute__((target("crc")))
#define iqk_crc_eight(remainder, word) __builtin_arm_crc32cd((remainder), (word))
#define iqk_crc_one(remainder, byte) __builtin_arm_crc32cb((remainder), (byte))
#endif

#if defined(IQK_HAS_CRC32C_INSTRUCTIONS)
bool iqk_crc32c_has_instructions(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("sse4.2");
#elif defined(__APPLE__)
    return true;
#else
    // HWCAP_CRC32 of Linux on arm64.
    return (getauxval(AT_HWCAP) & (1ul << 7)) != 0;
#endif
}

IQK_CRC_TARGET uint32_t iqk_crc32c_instructions(uint32_t crc, const void *bytes, int64_t count) {
    const uint8_t *next = bytes;
    uint32_t remainder = ~crc;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        remainder = iqk_crc_eight(remainder, word);
    }
    for (; count > 0; count--, next++) remainder = iqk_crc_one(remainder, *next);
    return ~remainder;
}
#endif

uint32_t iqk_crc32c(uint32_t crc, const void *bytes, int64_t count) {
#if defined(IQK_HAS_CRC32C_INSTRUCTIONS)
    if (iqk_crc32c_has_instructions()) return iqk_crc32c_instructions(crc, bytes, count);
#endif
    return iqk_crc32c_portable(crc, bytes, count);
}
