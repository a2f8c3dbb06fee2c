// AVX2 with fused multiply-add: Intel since 2013, AMD since 2015.
#if defined(__x86_64__)
  #define HAS_FMA 1
  #define HAS_AVX512 0
  #define NAME "x86-64-v3"
  #define TABLE crows_x86_64_v3
  #include <immintrin.h>
  #pragma clang attribute push( \
    __attribute__((target("avx2,fma,bmi,bmi2,popcnt,f16c,lzcnt,movbe"))), apply_to = function)
  #include "lanes.h"
  #include "passes.h"
  #include "divergences.h"
  #include "sampling.h"
  #include "table.h"
  #pragma clang attribute pop
#endif
