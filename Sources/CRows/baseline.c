// What the compiler assumes of every machine of the architecture: SSE2 on x86-64, NEON on arm64.
#if defined(__aarch64__) || defined(__arm64__)
  #define HAS_FMA 1
  #define NAME "neon"
#else
  #define HAS_FMA 0
  #define NAME "baseline"
#endif
#define HAS_AVX512 0
#define TABLE crows_baseline
#include "lanes.h"
#include "passes.h"
#include "divergences.h"
#include "sampling.h"
#include "table.h"
