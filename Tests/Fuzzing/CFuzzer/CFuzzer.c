// The library is linked by -sanitize=fuzzer; a C target only needs a source file.
#include "CFuzzer.h"
