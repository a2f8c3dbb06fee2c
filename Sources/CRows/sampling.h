// Drawing ids from a row, and finding its largest logits, without ever storing its masses.
//
// A row is a tree: blocks of 1,024 ids, strips of 64, leaves of 16, ids. `masses` leaves the sums
// of blocks and strips. `draw` takes all points down one level after another, in any order: only
// places that hold a point are ever looked into, and the processor works on many points at once.

// MARK: Sums of masses

static float maxima(const float *x, intptr_t n, float *parts) {
  lanes part[4] = {(lanes)-INFINITY, (lanes)-INFINITY, (lanes)-INFINITY, (lanes)-INFINITY};
  intptr_t i = 0;
  for (; i + 64 <= n; i += 64) {
    for (int k = 0; k < 4; k++) part[k] = larger(load(x + i + 16 * k), part[k]);
  }
  for (int k = 0; i < n; i += 16, k++) {
    part[k] = larger(load_some(x + i, n - i, -INFINITY), part[k]);
  }
  for (int k = 0; k < 4; k++) store(parts + 16 * k, part[k]);
  return largest(larger(larger(part[0], part[1]), larger(part[2], part[3])));
}

/// e^(scale (x - maximum)) with m = scale log2 e; no more than 2^-126 where it would be less.
ALWAYS lanes mass_of(lanes x, lanes maximum, lanes m) {
  lanes y = (x - maximum) * m;
  return exp2_lanes(SCALES_TO_ZERO ? y : clamped(y));
}

/// The masses of a strip, added up lane by lane.
ALWAYS lanes strip_of(const float *x, intptr_t n, lanes maximum, lanes m) {
  lanes a = 0.f, b = 0.f;
  if (n >= CROWS_STRIP) {
    for (int i = 0; i < CROWS_STRIP; i += 32) {
      a += mass_of(load(x + i), maximum, m);
      b += mass_of(load(x + i + 16), maximum, m);
    }
  } else {
    for (intptr_t i = 0; i < n; i += 16) {
      a += mass_of(load_some(x + i, n - i, -INFINITY), maximum, m);
    }
  }
  return a + b;
}

ALWAYS double add_masses(
  const float *x, intptr_t n, float maximum, float m, double *ends, float *strips
) {
  double total = 0;
  for (intptr_t start = 0; start < n; start += CROWS_BLOCK) {
    intptr_t end = smaller(start + CROWS_BLOCK, n);
    lanes sums = 0.f;
    for (intptr_t i = start; i < end; i += CROWS_STRIP) {
      lanes strip = strip_of(x + i, end - i, (lanes)maximum, (lanes)m);
      if (strips) store(strips + i / CROWS_STRIP * 16, strip);
      sums += strip;
    }
    // Strips that the last block lacks.
    for (intptr_t i = end; strips && i + CROWS_STRIP <= start + CROWS_BLOCK; i += CROWS_STRIP) {
      store(strips + (i + CROWS_STRIP - 1) / CROWS_STRIP * 16, (lanes)0.f);
    }
    total += sum(sums);
    if (ends) ends[start / CROWS_BLOCK] = total;
  }
  return total;
}

static double masses(
  const float *x, intptr_t n, float maximum, float m, double *ends, float *strips
) {
  double total = add_masses(x, n, maximum, m, ends, strips);
  for (int k = 0; k < 16; k++) ends[(n + CROWS_BLOCK - 1) / CROWS_BLOCK + k] = INFINITY;
  return total;
}
static double mass(const float *x, intptr_t n, float maximum, float m) {
  return add_masses(x, n, maximum, m, 0, 0);
}

// MARK: Drawing

/// How many of eight, or of sixteen, ascending sums are below a point.
ALWAYS int below8(const double *sums, double point) {
  doubles v;
  memcpy(&v, sums, sizeof v);
  return __builtin_popcount(bits_of_longs(v < (doubles)point));
}
ALWAYS int below16(const double *sums, double point) {
  return below8(sums, point) + below8(sums + 8, point);
}

/// What to add and take away again, so that masses of about `sum` in total become whole multiples
/// of one step, at most 2^-49 of it: then their sums are exact, in any order.
ALWAYS double grid_of(double sum) {
  uint64_t pattern;
  memcpy(&pattern, &sum, sizeof pattern);
  pattern = (pattern & 0x7FF0000000000000u) + ((uint64_t)2 << 52);
  memcpy(&sum, &pattern, sizeof sum);
  return sum;
}

/// v_0, v_0 + v_1, ...
ALWAYS doubles running_doubles(doubles v) {
  doubles z = 0.0;
  v += __builtin_shufflevector(z, v, 0, 8, 2, 10, 4, 12, 6, 14);
  v += __builtin_shufflevector(z, v, 0, 1, 9, 9, 4, 5, 13, 13);
  v += __builtin_shufflevector(z, v, 0, 1, 2, 3, 11, 11, 11, 11);
  return v;
}

/// Running sums of sixteen masses after a 0, exact: so they ascend, and one without mass adds
/// nothing.
ALWAYS void running_sums(lanes masses, double total, double *sums) {
  double grid = grid_of(total);
  doubles low = __builtin_convertvector(masses.lo, doubles);
  doubles high = __builtin_convertvector(masses.hi, doubles);
  low = running_doubles((low + grid) - grid);
  high = running_doubles((high + grid) - grid);
  high += __builtin_shufflevector(low, low, 7, 7, 7, 7, 7, 7, 7, 7);
  sums[0] = 0;
  memcpy(sums + 1, &low, sizeof low);
  memcpy(sums + 9, &high, sizeof high);
}

/// The masses of a vector that are there to be drawn; 0 for the others.
ALWAYS lanes drawable(lanes masses, float nothing) {
  lanes zero = 0.f;
  return masses > (lanes)nothing ? masses : zero;
}

/// Moves a point to the first child whose running sum reaches it.
///
/// The children's sums come from masses made anew, their parent's from a pass: the scale is the
/// ratio of the two, so that no point falls past the last child.
ALWAYS int descend(double *point, double scale, const double *sums, const int children) {
  double reach = *point * scale, last = sums[children];
  reach = reach < last ? reach : last;
  int child = children > 8 ? below16(sums + 1, reach) : below8(sums + 1, reach);
  *point = reach - sums[child];
  return child;
}

/// The block that a point lies in: the first whose end reaches it.
ALWAYS intptr_t block_of(const double *ends, intptr_t count, double point) {
  const double *first = ends;
  while (count > 16) {
    intptr_t half = count / 2;
    first += __builtin_unpredictable(first[half - 1] < point) ? half : 0;
    count -= half;
  }
  return first - ends + below16(first, point);
}

ALWAYS void open_block(crows_drawn_block *block, double before, double end, const float *strips) {
  lanes totals = drawable(sums_of(strips), CROWS_STRIP * CROWS_NOTHING);
  running_sums(totals, end - before, block->sums);
  block->before = before;
  block->scale = block->sums[16] / (end - before);
}

ALWAYS void open_strip(
  crows_drawn_strip *strip, const float *x, intptr_t n, lanes maximum, lanes m, double total
) {
  lanes leaf[4];
  for (int k = 0; k < 4; k++) {
    intptr_t left = n - 16 * k;
    lanes some = left > 0 ? load_some(x + 16 * k, left, -INFINITY) : (lanes)-INFINITY;
    leaf[k] = drawable(mass_of(some, maximum, m), CROWS_NOTHING);
    store(strip->masses + 16 * k, leaf[k]);
  }
  quad sums = __builtin_convertvector(sums_of_four(leaf[0], leaf[1], leaf[2], leaf[3]), quad);
  quad z = 0.0;
  double grid = grid_of(total);
  sums = (sums + grid) - grid;
  sums += __builtin_shufflevector(z, sums, 0, 4, 2, 6);
  sums += __builtin_shufflevector(z, sums, 0, 1, 5, 5);
  strip->sums[0] = 0;
  memcpy(strip->sums + 1, &sums, sizeof sums);
  for (int k = 5; k < 9; k++) strip->sums[k] = INFINITY;
  strip->scale = sums.w / total;
  strip->marks = 0;
}

ALWAYS void open_leaf(crows_drawn_leaf *leaf, const float *masses, double total, uint32_t first) {
  running_sums(load(masses), total, leaf->sums);
  memset(leaf->counts, 0, sizeof leaf->counts);
  leaf->scale = leaf->sums[16] / total;
  leaf->first = first;
}

/// Takes the points to their blocks, and opens these.
ALWAYS void enter_blocks(const crows_row *row, double *points, intptr_t count, crows_drawing *d) {
  intptr_t blocks = (row->count + CROWS_BLOCK - 1) / CROWS_BLOCK;
  uint8_t *marks = (uint8_t *)d->block_marks;
  for (intptr_t i = 0; i < count; i++) {
    double point = points[i] * row->total;
    point = point < row->total ? point : row->total;
    intptr_t block = block_of(row->ends, blocks, point);
    points[i] = point;
    d->places[i] = (uint32_t)block;
    marks[block] = 1;
  }
  for (intptr_t word = 0; word < (blocks + 7) / 8; word++) {
    uint64_t marked = d->block_marks[word];
    d->block_marks[word] = 0;
    for (; marked; marked &= marked - 1) {
      intptr_t b = 8 * word + __builtin_ctzll(marked) / 8;
      open_block(
        d->blocks + b, b ? row->ends[b - 1] : 0, row->ends[b],
        row->strips + b * (CROWS_BLOCK / CROWS_STRIP * 16));
    }
  }
}

/// Takes the points on to their strips, and opens these.
ALWAYS void enter_strips(const crows_row *row, double *points, intptr_t count, crows_drawing *d) {
  intptr_t blocks = (row->count + CROWS_BLOCK - 1) / CROWS_BLOCK;
  uint8_t *marks = (uint8_t *)d->strip_marks;
  for (intptr_t i = 0; i < count; i++) {
    const crows_drawn_block *block = d->blocks + d->places[i];
    points[i] -= block->before;
    d->places[i] = 16 * d->places[i] + descend(points + i, block->scale, block->sums, 16);
    marks[d->places[i]] = 1;
  }
  d->strip_count = 0;
  for (intptr_t word = 0; word < 2 * blocks; word++) {
    uint64_t marked = d->strip_marks[word];
    d->strip_marks[word] = 0;
    for (; marked; marked &= marked - 1) {
      intptr_t s = 8 * word + __builtin_ctzll(marked) / 8, first = s * CROWS_STRIP;
      const double *before = d->blocks[s / 16].sums + s % 16;
      d->slots[s] = (uint32_t)d->strip_count;
      crows_drawn_strip *strip = d->strips + d->strip_count++;
      open_strip(
        strip, row->logits + first, row->count - first, (lanes)row->maximum,
        (lanes)row->multiplier, before[1] - before[0]);
      strip->first = (uint32_t)first;
    }
  }
}

/// Takes the points on to their leaves, and opens these.
ALWAYS void enter_leaves(double *points, intptr_t count, crows_drawing *d) {
  for (intptr_t i = 0; i < count; i++) {
    uint32_t slot = d->slots[d->places[i]];
    crows_drawn_strip *strip = d->strips + slot;
    int leaf = descend(points + i, strip->scale, strip->sums, 4);
    d->places[i] = 4 * slot + leaf;
    ((uint8_t *)&strip->marks)[leaf] = 1;
  }
  d->leaf_count = 0;
  for (intptr_t s = 0; s < d->strip_count; s++) {
    crows_drawn_strip *strip = d->strips + s;
    for (uint32_t marked = strip->marks; marked; marked &= marked - 1) {
      int k = __builtin_ctz(marked) / 8;
      strip->slots[k] = (uint32_t)d->leaf_count;
      open_leaf(
        d->leaves + d->leaf_count++, strip->masses + 16 * k,
        strip->sums[k + 1] - strip->sums[k], strip->first + 16 * k);
    }
  }
}

static intptr_t draw(
  const crows_row *row, double *points, intptr_t count, crows_drawing *d, uint32_t *ids,
  uint32_t *counts
) {
  enter_blocks(row, points, count, d);
  enter_strips(row, points, count, d);
  enter_leaves(points, count, d);
  for (intptr_t i = 0; i < count; i++) {
    crows_drawn_leaf *leaf = d->leaves + d->strips[d->places[i] / 4].slots[d->places[i] % 4];
    leaf->counts[descend(points + i, leaf->scale, leaf->sums, 16)]++;
  }
  intptr_t found = 0;
  for (intptr_t k = 0; k < d->leaf_count; k++) {
    const crows_drawn_leaf *leaf = d->leaves + k;
    bits drawn;
    memcpy(&drawn, leaf->counts, sizeof drawn);
    for (uint32_t left = bits_of(drawn != 0); left; left &= left - 1) {
      int lane = __builtin_ctz(left);
      ids[found] = leaf->first + (uint32_t)lane;
      counts[found++] = leaf->counts[lane];
    }
  }
  return found;
}

// MARK: The largest

/// Floats in the order of their numbers; both zeros are one.
ALWAYS integers ordered(lanes x) {
  integers pattern = (integers)(x + 0.f);
  return pattern ^ ((pattern >> 31) & 0x7FFFFFFF);
}

/// How many of n keys are at least `key`; those after the last, up to a multiple of 16, are none.
ALWAYS intptr_t at_least(const int32_t *keys, intptr_t n, int32_t key) {
  intptr_t count = 0;
  for (intptr_t i = 0; i < n; i += 16) {
    integers v;
    memcpy(&v, keys + i, sizeof v);
    count += __builtin_popcount(bits_of(v >= key));
  }
  return count;
}

/// The keys of n logits.
ALWAYS void fill_keys(const float *x, intptr_t n, int32_t *keys) {
  for (intptr_t i = 0; i < n; i += 16) {
    integers v = ordered(load_some(x + i, n - i, -INFINITY));
    if (n - i < 16) {
      for (int lane = 0; lane < 16; lane++) v[lane] = lane < n - i ? v[lane] : INT32_MIN;
    }
    memcpy(keys + i, &v, sizeof v);
  }
}

/// The largest key that at least `rank` of n keys reach, or one below it that no other number of
/// keys reaches; by halving.
ALWAYS int32_t key_of_rank(const int32_t *keys, intptr_t n, intptr_t rank, int32_t highest) {
  int64_t low = ordered((lanes)-INFINITY)[0], high = (int64_t)highest + 1;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    intptr_t count = at_least(keys, n, (int32_t)middle);
    if (count >= rank) low = middle;
    else high = middle;
    if (count == rank) break;
  }
  return (int32_t)low;
}

/// Which of up to 64 logits reach a bound, as bits.
ALWAYS uint64_t reaching_of(const float *x, intptr_t n, float bound) {
  uint64_t reaching = 0;
  if (n >= 64) {
    lanes left = larger(load(x), load(x + 16)), right = larger(load(x + 32), load(x + 48));
    if (!bits_of(larger(left, right) >= (lanes)bound)) return 0;
    for (int k = 0; k < 4; k++) {
      reaching |= (uint64_t)bits_of(load(x + 16 * k) >= (lanes)bound) << 16 * k;
    }
    return reaching;
  }
  for (int i = 0; i < n; i++) reaching |= (uint64_t)(x[i] >= bound) << i;
  return reaching;
}

static intptr_t top(
  const float *x, intptr_t n, intptr_t rank, float maximum, const float *parts, int32_t *keys,
  float *logits, uint32_t *ids
) {
  int32_t highest = ordered((lanes)maximum)[0];
  float bound = -INFINITY;
  if (rank <= 64) {
    fill_keys(parts, 64, keys);
    int32_t key = key_of_rank(keys, 64, rank, highest);
    key ^= (key >> 31) & 0x7FFFFFFF;
    memcpy(&bound, &key, sizeof bound);
  }
  intptr_t found = 0;
  for (intptr_t i = 0; i < n; i += 64) {
    uint64_t reaching = reaching_of(x + i, n - i, bound);
    if (reaching) found += append_places(ids + found, (uint32_t)i, reaching);
  }
  for (intptr_t i = 0; i < found; i++) logits[i] = x[ids[i]];
  if (found <= rank) return found;
  fill_keys(logits, found, keys);
  int32_t key = key_of_rank(keys, found, rank, highest);
  // Of equal ones at the end the first.
  intptr_t ties = rank - (key < INT32_MAX ? at_least(keys, found, key + 1) : 0), kept = 0;
  for (intptr_t i = 0; i < found; i++) {
    if (keys[i] < key || (keys[i] == key && ties-- <= 0)) continue;
    ids[kept] = ids[i];
    logits[kept++] = logits[i];
  }
  return kept;
}
