/// The one function of libFuzzer that we call: it runs its command line over a callback, in place of its own `main`.
/// https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef int (*cfuzzer_callback)(const uint8_t *_Nullable data, size_t size);

int LLVMFuzzerRunDriver(int *argument_count, char *_Nullable *_Nonnull *_Nonnull arguments, cfuzzer_callback callback);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
