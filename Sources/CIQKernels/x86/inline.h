// How the functions are expanded that stand for many: of a format, of a number of rows, of a number of tokens.
#ifndef IQK_X86_INLINE_H
#define IQK_X86_INLINE_H

// A sanitizer's checks make each of some hundred expansions so long that a file takes minutes to compile. The same code, called instead of
// expanded, is slower and does the same.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define IQK_INLINE static inline __attribute__((noinline))
#pragma clang diagnostic ignored "-Wpass-failed"
#else
#define IQK_INLINE static inline __attribute__((always_inline))
#endif

#endif
