// The few vector operations that Swift's SIMD types do not compile to one instruction.
#ifndef CSIMD_H
#define CSIMD_H

typedef float csimd_float16 __attribute__((ext_vector_type(16)));

/// a * b + c, rounded once.
static inline csimd_float16 csimd_fma(csimd_float16 a, csimd_float16 b, csimd_float16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

#endif
