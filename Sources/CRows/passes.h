// The passes over a row, written once on the vocabulary of `lanes.h`; the file that includes this
// one says for which instruction set. `flags` are constants wherever they stand, so each table
// entry is compiled for its own.

enum { BFLOAT16 = 1, STORES = 2, MOMENTS = 4 };

// MARK: Rows of either number format

ALWAYS const void *at(const void *x, intptr_t i, const int flags) {
  return (const char *)x + i * (flags & BFLOAT16 ? 2 : 4);
}
ALWAYS pair read(const void *x, intptr_t i, const int flags) {
  return flags & BFLOAT16 ? read_bfloat16(at(x, i, flags)) : read_float(at(x, i, flags));
}
ALWAYS void write(void *x, intptr_t i, pair v, const int flags) {
  if (flags & BFLOAT16) write_bfloat16((void *)at(x, i, flags), v);
  else write_float((void *)at(x, i, flags), v);
}
/// A pair of which fewer logits exist; the others are -infinity.
ALWAYS pair read_some(const void *x, intptr_t i, intptr_t count, const int flags) {
  uint32_t buffer[32];
  for (int k = 0; k < 32; k++) buffer[k] = flags & BFLOAT16 ? 0xFF80FF80u : 0xFF800000u;
  memcpy(buffer, at(x, i, flags), (size_t)count * (flags & BFLOAT16 ? 2 : 4));
  return read(buffer, 0, flags);
}
ALWAYS void write_some(void *x, intptr_t i, pair v, intptr_t count, const int flags) {
  uint32_t buffer[32];
  write(buffer, 0, v, flags);
  memcpy((void *)at(x, i, flags), buffer, (size_t)count * (flags & BFLOAT16 ? 2 : 4));
}

ALWAYS intptr_t smaller(intptr_t a, intptr_t b) { return a < b ? a : b; }

// MARK: Pass 1

/// Largest reference that leaves float32 enough bits for fractions beside it.
#define WIDE 0x1p20f
/// Logits that memory is asked for ahead of the next block.
#define AHEAD 4096

/// Largest of n logits; NaNs are passed over.
ALWAYS float maximum_of(const void *x, intptr_t n, const int flags) {
  lanes a = (lanes)-INFINITY, b = a, c = a, d = a;
  intptr_t i = 0;
  for (; i + 64 <= n; i += 64) {
    pair v = read(x, i, flags), w = read(x, i + 32, flags);
    a = larger(v.a, a);
    b = larger(v.b, b);
    c = larger(w.a, c);
    d = larger(w.b, d);
  }
  for (; i < n; i += 32) {
    pair v = i + 32 <= n ? read(x, i, flags) : read_some(x, i, n - i, flags);
    a = larger(v.a, a);
    b = larger(v.b, b);
  }
  return largest(larger(larger(a, b), larger(c, d)));
}

/// Sums of one block.
typedef struct {
  lanes exponentials, weighted, plain;
} sums;

/// One vector of pass 1: e = 2^(m x - reference).
ALWAYS lanes exponentiate(lanes x, lanes m, lanes reference, sums *s, const int flags) {
  lanes y = exact_multiply_add(x, m, -reference);
  // A weighted sum has no use for 0 times -infinity.
  if (!SCALES_TO_ZERO || flags & MOMENTS) y = clamped(y);
  lanes e = flags & BFLOAT16 ? coarse_exp2(y) : exp2_lanes(y);
  s->exponentials += e;
  if (flags & MOMENTS) {
    lanes zero = 0.f;
    s->weighted = multiply_add(e, y, s->weighted);
    s->plain += x == (lanes)-INFINITY ? zero : x;
  }
  return e;
}
ALWAYS pair exponentiate_pair(
  pair x, lanes m, lanes reference, sums *s, sums *t, const int flags
) {
  return (pair){
    exponentiate(x.a, m, reference, s, flags), exponentiate(x.b, m, reference, t, flags)};
}

/// All 1,024 logits of a block while the maximum of the next one is found, and memory further on
/// asked for: so fetching overlaps with the arithmetic.
ALWAYS sums exponentiate_full(
  const void *x, void *out, lanes m, lanes reference, const void *next, float *next_maximum,
  const int flags
) {
  sums s = {0}, t = {0}, u = {0}, v = {0};
  lanes a = (lanes)-INFINITY, b = a;
  for (intptr_t i = 0; i < CROWS_BLOCK; i += 64) {
    pair e = exponentiate_pair(read(x, i, flags), m, reference, &s, &t, flags);
    pair f = exponentiate_pair(read(x, i + 32, flags), m, reference, &u, &v, flags);
    if (flags & STORES) {
      write(out, i, e, flags);
      write(out, i + 32, f, flags);
    }
    pair n = read(next, i, flags), o = read(next, i + 32, flags);
    a = larger(n.a, larger(o.a, a));
    b = larger(n.b, larger(o.b, b));
    for (intptr_t k = 0; k < 64; k += flags & BFLOAT16 ? 32 : 16) {
      __builtin_prefetch(at(next, i + k + AHEAD, flags));
    }
  }
  *next_maximum = largest(larger(a, b));
  s.exponentials = (s.exponentials + t.exponentials) + (u.exponentials + v.exponentials);
  s.weighted = (s.weighted + t.weighted) + (u.weighted + v.weighted);
  s.plain = (s.plain + t.plain) + (u.plain + v.plain);
  return s;
}

/// The logits of a block of any length.
ALWAYS sums exponentiate_some(
  const void *x, void *out, intptr_t n, lanes m, lanes reference, const int flags
) {
  sums s = {0}, t = {0};
  for (intptr_t i = 0; i < n; i += 32) {
    int whole = i + 32 <= n;
    pair v = whole ? read(x, i, flags) : read_some(x, i, n - i, flags);
    // Lanes that do not exist add 2^-126 each, which no sum near 1 shows.
    pair e = exponentiate_pair(v, m, reference, &s, &t, flags);
    if (flags & STORES && whole) write(out, i, e, flags);
    if (flags & STORES && !whole) write_some(out, i, e, n - i, flags);
  }
  s.exponentials += t.exponentials;
  s.weighted += t.weighted;
  s.plain += t.plain;
  return s;
}

/// A block of logits so large that m x has no room for its fraction beside a whole reference: they
/// are moved by their maximum first, e = 2^(m (x - maximum)).
static sums exponentiate_wide(
  const void *x, void *out, intptr_t n, float m, float maximum, const int flags
) {
  float moved[CROWS_BLOCK];
  for (intptr_t i = 0; i < n; i += 32) {
    pair v = read_some(x, i, n - i < 32 ? n - i : 32, flags);
    pair w = {v.a - (lanes)maximum, v.b - (lanes)maximum};
    write(moved, i, w, 0);
  }
  // Even and odd ones of bfloat16 stand apart here, and part again when they are written.
  sums s = {0}, t = {0};
  for (intptr_t i = 0; i < n; i += 32) {
    pair e = exponentiate_pair(read(moved, i, 0), (lanes)m, (lanes)0.f, &s, &t, flags);
    if (flags & STORES) write_some(out, i, e, n - i < 32 ? n - i : 32, flags);
  }
  s.exponentials += t.exponentials;
  s.weighted += t.weighted;
  s.plain += t.plain + (lanes)(maximum * ((float)n / 16));
  return s;
}

ALWAYS crows_softmax merged(const crows_block *blocks, intptr_t count) {
  crows_softmax r = {0};
  r.high = -INFINITY;
  for (intptr_t b = 0; b < count; b++) {
    if (!(blocks[b].reference <= r.high)) r.high = blocks[b].reference;
  }
  for (intptr_t b = 0; b < count; b++) {
    r.total += blocks[b].sum * power_of_two(blocks[b].reference - r.high);
  }
  r.log2_sum = r.high + log2(r.total);
  return r;
}

/// Where a block's pass 1 stands: everything but the numbers it leaves.
typedef struct {
  const void *x;
  void *out;
  intptr_t size, following;  // logits of the block and of the one after it
  float m, maximum;
} block_task;

/// One block of pass 1; returns the maximum of the following one.
ALWAYS float first_pass_block(block_task k, crows_block *block, sums *s, const int flags) {
  const void *next = at(k.x, k.size, flags);
  int is_infinite = k.maximum == -INFINITY;
  // A block of nothing but -infinity has some reference that never counts.
  float reference = is_infinite ? -0x1p100f : ceilf(k.maximum * k.m);
  float next_maximum = -INFINITY;
  block->reference = reference;
  if (k.following == CROWS_BLOCK && fabsf(reference) < WIDE) {
    *s = exponentiate_full(
      k.x, k.out, (lanes)k.m, (lanes)reference, next, &next_maximum, flags);
  } else {
    if (fabsf(reference) < WIDE || is_infinite) {
      *s = exponentiate_some(k.x, k.out, k.size, (lanes)k.m, (lanes)reference, flags);
    } else {
      block->reference = (double)k.maximum * k.m;
      *s = exponentiate_wide(k.x, k.out, k.size, k.m, k.maximum, flags);
    }
    next_maximum = maximum_of(next, k.following, flags);
  }
  block->sum = sum(s->exponentials);
  return next_maximum;
}

/// The mean of m x_j under p, from block to block: rescaled as the reference grows.
typedef struct {
  double high, weighted, plain;
} moments;

ALWAYS void add_moments(moments *all, const crows_block *block, const sums *s) {
  if (!(block->reference <= all->high)) {
    all->weighted *= power_of_two(all->high - block->reference);
    all->high = block->reference;
  }
  all->weighted += power_of_two(block->reference - all->high)
    * ((double)sum(s->weighted) + block->sum * block->reference);
  all->plain += sum(s->plain);
}

/// The first place of a value that is among n logits.
ALWAYS intptr_t place_of(float value, const void *x, intptr_t n, const int flags) {
  for (intptr_t i = 0; i < n; i += 32) {
    pair v = read_some(x, i, smaller(n - i, 32), flags);
    uint32_t a = bits_of(v.a == (lanes)value), b = bits_of(v.b == (lanes)value);
    if (!(a | b)) continue;
    if (!(flags & BFLOAT16)) return i + __builtin_ctz(a | b << 16);
    int even = a ? 2 * __builtin_ctz(a) : 32, odd = b ? 2 * __builtin_ctz(b) + 1 : 32;
    return i + (even < odd ? even : odd);
  }
  return 0;
}

/// Asks memory for the share of block `b` of `count` of what a later row will be asked for: all at
/// once, the requests would keep the pass from its own.
ALWAYS void ask(crows_ahead *ahead, intptr_t b, intptr_t count) {
  intptr_t end = ahead->count * (b + 1) / count;
  for (; ahead->asked < end; ahead->asked++) {
    __builtin_prefetch((const char *)ahead->row + (uint64_t)ahead->size * ahead->ids[ahead->asked]);
  }
}

ALWAYS crows_softmax first_pass(
  const void *x, void *out, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead,
  const int flags
) {
  moments all = {-0x1p120, 0, 0};
  intptr_t count = (n + CROWS_BLOCK - 1) / CROWS_BLOCK;
  float maximum = maximum_of(x, smaller(n, CROWS_BLOCK), flags), highest = -INFINITY;
  intptr_t place = 0;
  for (intptr_t b = 0; b < count; b++) {
    intptr_t start = b * CROWS_BLOCK, size = smaller(n - start, CROWS_BLOCK);
    if (maximum > highest) {
      highest = maximum;
      if (flags & MOMENTS) place = start + place_of(maximum, at(x, start, flags), size, flags);
    }
    block_task task = {
      at(x, start, flags), (void *)at(out, start, flags), size,
      smaller(n - start - size, CROWS_BLOCK), m, maximum};
    sums s;
    if (ahead) ask(ahead, b, count);
    maximum = first_pass_block(task, &blocks[b], &s, flags);
    if (flags & MOMENTS) add_moments(&all, &blocks[b], &s);
  }
  crows_softmax r = merged(blocks, count);
  r.maximum = highest;
  r.place = place;
  r.sum = all.plain;
  r.mean = all.weighted / r.total;
  return r;
}

static crows_softmax exponentials(
  float *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead
) {
  return first_pass(x, x, n, m, blocks, ahead, STORES);
}
static crows_softmax exponentials_moments(
  float *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead
) {
  return first_pass(x, x, n, m, blocks, ahead, STORES | MOMENTS);
}
static crows_softmax exponentials_apart(
  const float *x, float *out, intptr_t n, float m, crows_block *blocks
) {
  return first_pass(x, out, n, m, blocks, 0, STORES | MOMENTS);
}
static crows_softmax exponentials_bfloat16(
  uint16_t *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead
) {
  return first_pass(x, x, n, m, blocks, ahead, BFLOAT16 | STORES);
}
static crows_softmax exponentials_bfloat16_moments(
  uint16_t *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead
) {
  return first_pass(x, x, n, m, blocks, ahead, BFLOAT16 | STORES | MOMENTS);
}
static crows_softmax statistics(const float *x, intptr_t n, float m, crows_block *blocks) {
  return first_pass(x, (void *)x, n, m, blocks, 0, 0);
}

// MARK: Pass 2

ALWAYS pair multiply_pair(pair v, lanes factor, lanes offset) {
  return (pair){multiply_add(v.a, factor, offset), multiply_add(v.b, factor, offset)};
}

ALWAYS void scale_block(void *x, intptr_t n, lanes factor, lanes offset, const int flags) {
  intptr_t i = 0;
  for (; i + 64 <= n; i += 64) {
    pair v = multiply_pair(read(x, i, flags), factor, offset);
    pair w = multiply_pair(read(x, i + 32, flags), factor, offset);
    write(x, i, v, flags);
    write(x, i + 32, w, flags);
  }
  for (; i < n; i += 32) {
    intptr_t live = smaller(n - i, 32);
    pair v = multiply_pair(read_some(x, i, live, flags), factor, offset);
    write_some(x, i, v, live, flags);
  }
}

ALWAYS void second_pass(
  void *x, intptr_t n, const crows_block *blocks, const crows_softmax *softmax, double scale,
  float offset, const int flags
) {
  double whole = scale / softmax->total;
  // The last block is the one that is still in the nearest cache.
  for (intptr_t b = (n + CROWS_BLOCK - 1) / CROWS_BLOCK; b-- > 0;) {
    intptr_t start = b * CROWS_BLOCK;
    float factor = (float)(whole * power_of_two(blocks[b].reference - softmax->high));
    scale_block(
      (void *)at(x, start, flags), smaller(n - start, CROWS_BLOCK), (lanes)factor, (lanes)offset,
      flags);
  }
}

static void normalize(
  float *x, intptr_t n, const crows_block *blocks, const crows_softmax *softmax, double scale,
  float offset
) {
  second_pass(x, n, blocks, softmax, scale, offset, 0);
}
static void normalize_bfloat16(
  uint16_t *x, intptr_t n, const crows_block *blocks, const crows_softmax *softmax, double scale,
  float offset
) {
  second_pass(x, n, blocks, softmax, scale, offset, BFLOAT16);
}

ALWAYS void multiply_row(void *x, intptr_t n, float factor, const int flags) {
  for (intptr_t i = 0; i < n; i += 64) {
    for (intptr_t k = 0; k < 64; k += flags & BFLOAT16 ? 32 : 16) {
      __builtin_prefetch(at(x, i + k + AHEAD, flags));
    }
    scale_block((void *)at(x, i, flags), smaller(n - i, 64), (lanes)factor, (lanes)0.f, flags);
  }
}
static void multiply(float *x, intptr_t n, float factor) { multiply_row(x, n, factor, 0); }
static void multiply_bfloat16(uint16_t *x, intptr_t n, float factor) {
  multiply_row(x, n, factor, BFLOAT16);
}

static void combine(
  float *row, intptr_t n, const crows_term *terms, intptr_t count, float offset, float inverse_cap
) {
  for (intptr_t i = 0; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    lanes g = (lanes)offset;
    for (intptr_t k = 0; k < count; k++) {
      lanes factor = (lanes)terms[k].factors[i / CROWS_BLOCK];
      g = multiply_add(load_some(terms[k].values + i, live, 0), factor, g);
    }
    lanes z = load_some(row + i, live, 0) * (lanes)inverse_cap;
    if (inverse_cap != 0) g = multiply_add(g * z, -z, g);
    store_some(row + i, g, live);
  }
}

// MARK: Sparse sets

#if HAS_AVX512
/// The logits at sixteen ids, of which the first `count` exist, widened.
ALWAYS lanes logits_at(const void *x, const uint32_t *ids, intptr_t count, const int flags) {
  __mmask16 live = first_lanes(count);
  __m512i places = _mm512_maskz_loadu_epi32(live, ids), none = _mm512_setzero_si512();
  if (!(flags & BFLOAT16)) {
    return (lanes)_mm512_mask_i32gather_ps((__m512)none, live, places, x, 4);
  }
  // Two bytes are not to be had alone: with the logit before it, which id 0 has none of.
  __mmask16 first = _mm512_mask_testn_epi32_mask(live, places, places);
  bits pairs = (bits)_mm512_mask_i32gather_epi32(
    none, live & ~first, _mm512_sub_epi32(places, _mm512_set1_epi32(1)), x, 2);
  bits zero = (bits)_mm512_maskz_set1_epi32(first, (int)((uint32_t)*(const uint16_t *)x << 16));
  return (lanes)((pairs & 0xFFFF0000u) | zero);
}
#else
ALWAYS lanes logits_at(const void *x, const uint32_t *ids, intptr_t count, const int flags) {
  bits v = 0;
  for (int i = 0; i < 16 && i < count; i++) {
    v[i] = flags & BFLOAT16 ? (uint32_t)((const uint16_t *)x)[ids[i]] << 16
                            : ((const uint32_t *)x)[ids[i]];
  }
  return (lanes)v;
}
#endif

/// Adds a b of sixteen pairs, in float64.
ALWAYS void add_products(doubles *s, lanes a, lanes b) {
  *s += __builtin_convertvector(a.lo, doubles) * __builtin_convertvector(b.lo, doubles)
    + __builtin_convertvector(a.hi, doubles) * __builtin_convertvector(b.hi, doubles);
}

ALWAYS crows_set_sums enter_set(
  const void *x, const uint32_t *ids, const float *w, intptr_t n, float uniform, float *logits,
  const int flags
) {
  doubles mass = 0, entropy = 0, cross = 0;
  for (intptr_t i = 0; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    lanes logit = logits_at(x, ids + i, live, flags), weight = load_some(w + i, live, 0);
    lanes zero = 0.f;
    store_some(logits + i, logit, live);
    mass += __builtin_convertvector(weight.lo, doubles)
      + __builtin_convertvector(weight.hi, doubles);
    // A weight of 0 at a logit of -infinity is nothing, not NaN.
    add_products(&cross, weight, weight == zero ? zero : logit);
    lanes target = weight + (lanes)uniform;
    add_products(&entropy, target, log_lanes(target));
  }
  crows_set_sums sums = {sum_doubles(mass), sum_doubles(entropy), sum_doubles(cross)};
  // Lanes after the last id have counted as ids without weight.
  if (uniform > 0) sums.entropy -= (double)(-n & 15) * uniform * log_lanes((lanes)uniform)[0];
  return sums;
}
static crows_set_sums set_sums(
  const float *x, const uint32_t *ids, const float *w, intptr_t n, float uniform, float *logits
) {
  return enter_set(x, ids, w, n, uniform, logits, 0);
}
static crows_set_sums set_sums_bfloat16(
  const uint16_t *x, const uint32_t *ids, const float *w, intptr_t n, float uniform, float *logits
) {
  return enter_set(x, ids, w, n, uniform, logits, BFLOAT16);
}

static void scatter(float *x, const uint32_t *ids, intptr_t n, const float *g) {
  for (intptr_t i = 0; i < n; i++) x[ids[i]] = g[i];
}
static void scatter_bfloat16(uint16_t *x, const uint32_t *ids, intptr_t n, const float *g) {
  for (intptr_t i = 0; i < n; i++) {
    uint32_t pattern;
    memcpy(&pattern, g + i, sizeof pattern);
    x[ids[i]] = (uint16_t)((pattern + 0x8000u) >> 16);
  }
}

/// m x - high, rounded once.
ALWAYS lanes exponents(lanes x, double m, double high) {
  lanes y;
  y.lo = __builtin_convertvector(
    __builtin_convertvector(x.lo, doubles) * (doubles)m - (doubles)high, eight);
  y.hi = __builtin_convertvector(
    __builtin_convertvector(x.hi, doubles) * (doubles)m - (doubles)high, eight);
  return y;
}

static double set_gradient(
  const float *x, const float *w, intptr_t n, float m, double high, double total, double slope,
  float offset, float scale, float *g
) {
  doubles mass = 0;
  lanes steep = (lanes)(float)(slope / total);
  for (intptr_t i = 0; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    lanes logit = load_some(x + i, live, -INFINITY);
    lanes weight = load_some(w + i, live, 0);
    lanes y = exponents(logit, m, high);
    lanes zero = 0.f;
    lanes p = y < (lanes)-126.f ? zero : exp2_lanes(clamped(y));
    lanes v = multiply_add(p, steep, (lanes)offset)
      - weight * (lanes)scale;
    store_some(g + i, v, live);
    mass += __builtin_convertvector(p.lo, doubles) + __builtin_convertvector(p.hi, doubles);
  }
  return sum_doubles(mass) / total;
}

// MARK: Helpers of the rarer losses

// The y of an x that is what passes leave of -infinity counts nothing, whatever it is.
ALWAYS lanes counted(lanes x, lanes y) {
  lanes least = 0x1p-126f, zero = 0.f;
  return x <= least ? zero : y;
}

static float dot(const float *x, const float *y, intptr_t n) {
  lanes a = 0, b = 0;
  intptr_t i = 0;
  for (; i + 32 <= n; i += 32) {
    lanes x0 = load(x + i), x1 = load(x + i + 16);
    a = multiply_add(x0, counted(x0, load(y + i)), a);
    b = multiply_add(x1, counted(x1, load(y + i + 16)), b);
  }
  for (; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    lanes last = load_some(x + i, live, 0);
    a = multiply_add(last, counted(last, load_some(y + i, live, 0)), a);
  }
  return sum(a + b);
}

/// tanh z = 1 - 2 / (1 + e^2z) keeps few digits near 0, where z - z^3/3 + 2 z^5/15 is used.
ALWAYS lanes tanh_lanes(lanes z) {
  lanes limit = 9.f;
  lanes bounded = z > limit ? limit : (z < -limit ? -limit : z);
  lanes e = exp2_lanes(bounded * (lanes)2.885390082f);
  lanes far = (lanes)1.f - (lanes)2.f / (e + (lanes)1.f);
  lanes s = bounded * bounded;
  lanes p = multiply_add(s, (lanes)-0.05396825f, (lanes)0.13333333f);
  p = multiply_add(s, p, (lanes)-0.33333333f);
  lanes near = multiply_add(bounded * s, p, bounded);
  return s < (lanes)0.04f ? near : far;
}

static void cap_row(float *x, intptr_t n, float cap) {
  for (intptr_t i = 0; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    lanes v = load_some(x + i, live, 0);
    lanes r = (lanes)cap * tanh_lanes(v / (lanes)cap);
    store_some(x + i, r, live);
  }
}
