// The vector vocabulary of the passes: all that depends on the instruction set. Included once by
// each of the files that build `passes.h`, which say what the set has.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "include/CRows.h"

// All of it is inlined, so how vectors would be passed to a function does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define ALWAYS static inline __attribute__((always_inline, unused))

typedef float lanes __attribute__((ext_vector_type(16)));
typedef float eight __attribute__((ext_vector_type(8)));
typedef float four __attribute__((ext_vector_type(4)));
typedef double quad __attribute__((ext_vector_type(4)));
typedef double doubles __attribute__((ext_vector_type(8)));
typedef int64_t longs __attribute__((ext_vector_type(8)));
typedef int32_t integers __attribute__((ext_vector_type(16)));
typedef uint32_t bits __attribute__((ext_vector_type(16)));
typedef uint16_t halves __attribute__((ext_vector_type(16)));

ALWAYS lanes load(const float *x) { lanes v; memcpy(&v, x, sizeof v); return v; }
ALWAYS void store(float *x, lanes v) { memcpy(x, &v, sizeof v); }

/// Thirty-two logits: of a float row its two halves, of a bfloat16 row the even and the odd ones,
/// which takes one instruction each way.
typedef struct {
  lanes a, b;
} pair;

ALWAYS pair read_float(const float *x) { return (pair){load(x), load(x + 16)}; }
ALWAYS void write_float(float *x, pair v) {
  store(x, v.a);
  store(x + 16, v.b);
}
ALWAYS pair read_bfloat16(const uint16_t *x) {
  bits w;
  memcpy(&w, x, sizeof w);
  return (pair){(lanes)(w << 16), (lanes)(w & 0xFFFF0000u)};
}
/// Rounds to nearest, ties away from zero; finite numbers and NaN of the usual pattern stay such.
ALWAYS void write_bfloat16(uint16_t *x, pair v) {
  bits w = (((bits)v.a + 0x8000u) >> 16) | (((bits)v.b + 0x8000u) & 0xFFFF0000u);
  memcpy(x, &w, sizeof w);
}

#if HAS_AVX512
/// The first `count` of sixteen lanes, as a mask.
ALWAYS __mmask16 first_lanes(intptr_t count) {
  return (__mmask16)(count >= 16 ? 0xFFFF : (1u << count) - 1);
}
/// The first `count` floats, then `fill`.
ALWAYS lanes load_some(const float *x, intptr_t count, float fill) {
  return (lanes)_mm512_mask_loadu_ps(_mm512_set1_ps(fill), first_lanes(count), x);
}
ALWAYS void store_some(float *x, lanes v, intptr_t count) {
  _mm512_mask_storeu_ps(x, first_lanes(count), (__m512)v);
}
#else
/// The first `count` floats, then `fill`.
ALWAYS lanes load_some(const float *x, intptr_t count, float fill) {
  if (count >= 16) return load(x);
  float buffer[16];
  for (int lane = 0; lane < 16; lane++) buffer[lane] = fill;
  memcpy(buffer, x, (size_t)count * sizeof *x);
  return load(buffer);
}
ALWAYS void store_some(float *x, lanes v, intptr_t count) {
  if (count >= 16) return store(x, v);
  memcpy(x, &v, (size_t)count * sizeof *x);
}
#endif

#if HAS_FMA
/// a b + c, rounded once.
ALWAYS lanes multiply_add(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); }
ALWAYS lanes exact_multiply_add(lanes a, lanes b, lanes c) { return multiply_add(a, b, c); }
#else
/// a b + c, rounded twice.
ALWAYS lanes multiply_add(lanes a, lanes b, lanes c) { return a * b + c; }
/// a b + c, rounded once (twice when the first rounding, to 53 bits, is a tie).
ALWAYS lanes exact_multiply_add(lanes a, lanes b, lanes c) {
  doubles low = __builtin_convertvector(a.lo, doubles) * __builtin_convertvector(b.lo, doubles)
    + __builtin_convertvector(c.lo, doubles);
  doubles high = __builtin_convertvector(a.hi, doubles) * __builtin_convertvector(b.hi, doubles)
    + __builtin_convertvector(c.hi, doubles);
  lanes r;
  r.lo = __builtin_convertvector(low, eight);
  r.hi = __builtin_convertvector(high, eight);
  return r;
}
#endif

/// The larger of each pair; b where a is NaN or b is (one instruction on x86).
ALWAYS lanes larger(lanes a, lanes b) { return a > b ? a : b; }

/// Sum of the lanes by halving: a fixed order.
ALWAYS float sum(lanes v) {
  eight a = v.lo + v.hi;
  four b = a.lo + a.hi;
  return (b.x + b.z) + (b.y + b.w);
}
ALWAYS double sum_doubles(doubles v) {
  return ((v.s0 + v.s4) + (v.s2 + v.s6)) + ((v.s1 + v.s5) + (v.s3 + v.s7));
}
/// Largest of the lanes, none of which is NaN: by halving, as the built-in goes lane by lane.
ALWAYS float largest(lanes v) {
  eight a = v.lo > v.hi ? v.lo : v.hi;
  four b = a.lo > a.hi ? a.lo : a.hi;
  float c = b.x > b.z ? b.x : b.z, d = b.y > b.w ? b.y : b.w;
  return c > d ? c : d;
}

/// p 2^floor(y) and y - floor(y), for y in -126...127; NaN stays NaN. Below -126, p 2^floor(y) is
/// what it should be, 0 for -infinity, only where `SCALES_TO_ZERO` says so.
#if HAS_AVX512
  #define SCALES_TO_ZERO 1
ALWAYS lanes fraction(lanes y) { return (lanes)_mm512_reduce_ps((__m512)y, 1 | 8); }
ALWAYS lanes scaled(lanes p, lanes y) {
  return (lanes)_mm512_scalef_ps((__m512)p, (__m512)y);
}
#else
  #define SCALES_TO_ZERO 0
ALWAYS lanes whole(lanes y) {
  lanes n = (y + 12582912.f) - 12582912.f;  // 1.5 * 2^23: adding it rounds to a whole number
  return n - (n > y ? (lanes)1.f : (lanes)0.f);
}
ALWAYS lanes fraction(lanes y) { return y - whole(y); }
ALWAYS lanes scaled(lanes p, lanes y) {
  bits n = (bits)(whole(y) + 12582912.f);  // the whole number in the lowest bits
  return p * (lanes)((n + 127u) << 23);
}
#endif

/// 2^y to 2 2^-24 of it (3 without fused multiply-add) for y in -126...127; NaN stays NaN.
/// Polynomial of degree 6 by weighted least squares on the fraction in 0..<1: 1.9e-9.
ALWAYS lanes exp2_lanes(lanes y) {
  lanes r = fraction(y);
  lanes p = multiply_add((lanes)2.1702255e-4f, r, (lanes)1.2439688e-3f);
  p = multiply_add(p, r, (lanes)9.678841e-3f);
  p = multiply_add(p, r, (lanes)5.548334e-2f);
  p = multiply_add(p, r, (lanes)0.24022983f);
  p = multiply_add(p, r, (lanes)0.693147f);
  p = multiply_add(p, r, (lanes)1.f);
  return scaled(p, y);
}

/// 2^y to 2.8e-6 of its value: for results that are rounded to 8 bits.
ALWAYS lanes coarse_exp2(lanes y) {
  lanes r = fraction(y);
  lanes p = multiply_add((lanes)1.3534167e-2f, r, (lanes)5.2011464e-2f);
  p = multiply_add(p, r, (lanes)0.24144275f);
  p = multiply_add(p, r, (lanes)0.69300383f);
  p = multiply_add(p, r, (lanes)1.0000026f);
  return scaled(p, y);
}

/// The smallest exponent: 2^-126 is the smallest normal float.
ALWAYS lanes clamped(lanes y) { return larger((lanes)-126.f, y); }

/// log x to 2e-7 for normal x > 0; finite for 0.
ALWAYS lanes log_lanes(lanes x) {
  integers e = ((integers)x - 0x3F3504F3) >> 23;  // x = 2^e (1 + f) with 1 + f in 0.707...1.414
  lanes f = (lanes)((integers)x - (e << 23)) - 1.f;
  lanes p = multiply_add((lanes)8.7223604e-2f, f, (lanes)-0.14366849f);
  p = multiply_add(p, f, (lanes)0.14952268f);
  p = multiply_add(p, f, (lanes)-0.16562392f);
  p = multiply_add(p, f, (lanes)0.19956833f);
  p = multiply_add(p, f, (lanes)-0.25002074f);
  p = multiply_add(p, f, (lanes)0.33334187f);
  p = multiply_add(p, f, (lanes)-0.49999988f);
  p = multiply_add(p, f, (lanes)1.f);
  return multiply_add(
    p, f, __builtin_convertvector(e, lanes) * (lanes)0.6931472f);
}

/// 2^n for n <= 0: exact where n is whole, 0 below -1022.
ALWAYS double power_of_two(double n) {
  if (n < -1022) return 0;
  if (n != floor(n)) return exp2(n);  // also NaN
  uint64_t pattern = (uint64_t)((int64_t)n + 1023) << 52;
  double value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}

/// The sums of neighbours, a's and then b's.
ALWAYS lanes neighbour_sums(lanes a, lanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
    + __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

/// The sums of sixteen vectors' lanes, in order.
ALWAYS lanes sums_of(const float *vectors) {
  lanes level[16];
  for (int i = 0; i < 16; i++) level[i] = load(vectors + 16 * i);
  for (int count = 8; count > 0; count /= 2) {
    for (int i = 0; i < count; i++) level[i] = neighbour_sums(level[2 * i], level[2 * i + 1]);
  }
  return level[0];
}

/// The sums of four vectors' lanes, in order.
ALWAYS four sums_of_four(lanes a, lanes b, lanes c, lanes d) {
  lanes v = neighbour_sums(neighbour_sums(a, b), neighbour_sums(c, d));
  eight w = __builtin_shufflevector(v, v, 0, 2, 4, 6, 8, 10, 12, 14)
    + __builtin_shufflevector(v, v, 1, 3, 5, 7, 9, 11, 13, 15);
  return __builtin_shufflevector(w, w, 0, 2, 4, 6) + __builtin_shufflevector(w, w, 1, 3, 5, 7);
}

typedef _Bool flags16 __attribute__((ext_vector_type(16)));

/// Bit i is set where lane i of a comparison holds.
ALWAYS uint32_t bits_of(integers comparison) {
  flags16 flags = __builtin_convertvector(comparison, flags16);
  uint16_t word;
  memcpy(&word, &flags, sizeof word);
  return word;
}

typedef _Bool flags8 __attribute__((ext_vector_type(8)));

ALWAYS uint32_t bits_of_longs(longs comparison) {
  flags8 flags = __builtin_convertvector(comparison, flags8);
  uint8_t byte;
  memcpy(&byte, &flags, sizeof byte);
  return byte;
}

/// Appends `first` + i for each bit i of 64 that is set; may write up to 15 more after them.
#if HAS_AVX512
ALWAYS intptr_t append_places(uint32_t *out, uint32_t first, uint64_t marked) {
  intptr_t count = 0;
  bits places = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (int k = 0; k < 4; k++, marked >>= 16) {
    __m512i kept =
      _mm512_maskz_compress_epi32((__mmask16)marked, (__m512i)(places + first + 16 * k));
    memcpy(out + count, &kept, sizeof kept);
    count += __builtin_popcount(marked & 0xFFFF);
  }
  return count;
}
#else
ALWAYS intptr_t append_places(uint32_t *out, uint32_t first, uint64_t marked) {
  intptr_t count = 0;
  for (; marked; marked &= marked - 1) out[count++] = first + (uint32_t)__builtin_ctzll(marked);
  return count;
}
#endif
