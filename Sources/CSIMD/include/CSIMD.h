// The few vector operations that Swift's SIMD types do not compile to single instructions.
#ifndef CSIMD_H
#define CSIMD_H

typedef float csimd_float16 __attribute__((ext_vector_type(16)));
typedef float csimd_float8 __attribute__((ext_vector_type(8)));
typedef float csimd_float4 __attribute__((ext_vector_type(4)));
typedef int csimd_int16 __attribute__((ext_vector_type(16)));
typedef unsigned csimd_uint16 __attribute__((ext_vector_type(16)));
typedef unsigned short csimd_ushort16 __attribute__((ext_vector_type(16)));

/// a * b + c, rounded once.
static inline csimd_float16 csimd_fma(csimd_float16 a, csimd_float16 b, csimd_float16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// The larger of each pair; NaN only where both are NaN.
static inline csimd_float16 csimd_max(csimd_float16 a, csimd_float16 b) {
  return __builtin_elementwise_max(a, b);
}

static inline csimd_float16 csimd_sqrt(csimd_float16 v) {
  return __builtin_elementwise_sqrt(v);
}

/// Sum of the lanes by halving: a fixed order.
static inline float csimd_sum(csimd_float16 v) {
  csimd_float8 a = v.lo + v.hi;
  csimd_float4 b = a.lo + a.hi;
  return (b.x + b.z) + (b.y + b.w);
}

/// Largest lane.
static inline float csimd_reduce_max(csimd_float16 v) {
  return __builtin_reduce_max(v);
}

/// 2^n for whole n in -126...127, given as floats.
static inline csimd_float16 csimd_exp2_whole(csimd_float16 n) {
  csimd_int16 i = __builtin_convertvector(n, csimd_int16);
  return (csimd_float16)((i + 127) << 23);
}

/// Sixteen bfloat16 bit patterns widened to float.
static inline csimd_float16 csimd_from_bfloat16(csimd_ushort16 bits) {
  return (csimd_float16)(__builtin_convertvector(bits, csimd_uint16) << 16);
}

/// Sixteen IEEE half-precision bit patterns widened to float: exact, NaNs bit for bit.
static inline csimd_float16 csimd_from_half(csimd_ushort16 bits) {
  csimd_uint16 half = __builtin_convertvector(bits, csimd_uint16);
  // Scaled by 2^112 the exponent is right; that of infinities and NaNs is set.
  csimd_float16 scaled = (csimd_float16)((half & 0x7FFFu) << 13) * 0x1p112f;
  csimd_uint16 special = (csimd_uint16)((half & 0x7C00u) == 0x7C00u) & 0x7F800000u;
  return (csimd_float16)((csimd_uint16)scaled | special | (half & 0x8000u) << 16);
}

/// Rounded to nearest even; NaN stays NaN.
static inline csimd_ushort16 csimd_to_bfloat16(csimd_float16 v) {
  csimd_uint16 bits = (csimd_uint16)v;
  csimd_uint16 rounded = bits + 0x7FFFu + ((bits >> 16) & 1u);
  csimd_uint16 nan = (csimd_uint16)(v != v);
  return __builtin_convertvector(((rounded & ~nan) | ((bits | 0x400000u) & nan)) >> 16, csimd_ushort16);
}

#endif
