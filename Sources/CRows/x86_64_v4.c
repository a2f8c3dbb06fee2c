// AVX-512 with the byte, word, doubleword and short-vector parts: servers since 2017.
#if defined(__x86_64__)
  #define HAS_FMA 1
  #define HAS_AVX512 1
  #define NAME "x86-64-v4"
  #define TABLE crows_x86_64_v4
  #include <immintrin.h>
  #pragma clang attribute push( \
    __attribute__(( \
      target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt"))), \
    apply_to = function)
  #include "lanes.h"
  #include "passes.h"
  #include "divergences.h"
  #include "sampling.h"
  #include "table.h"
  #pragma clang attribute pop
#endif
