// The forms of CRC-32C, for the choice between them.
#ifndef IQK_CHECKSUM_H
#define IQK_CHECKSUM_H

#include "CIQKernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#if defined(__x86_64__) || defined(__aarch64__)
#define IQK_HAS_CRC32C_INSTRUCTIONS 1
/// Whether this processor has instructions for CRC-32C.
bool iqk_crc32c_has_instructions(void);
/// As iqk_crc32c_portable, by these instructions.
uint32_t iqk_crc32c_instructions(uint32_t crc, const void *bytes, int64_t count);
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
