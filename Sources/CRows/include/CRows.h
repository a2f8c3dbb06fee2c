// Passes over one row of logits, built for every instruction set and chosen at start.
//
// The C part exists because a C function can carry its instruction set (`target` attribute) without
// compiler flags, which Swift functions cannot. What the passes are for is written in Swift.
#ifndef CROWS_H
#define CROWS_H

#include <stdint.h>

/// Logits that share one reference: their exponentials are stored as 2^(m x - reference).
#define CROWS_BLOCK 1024

/// Logits whose masses have a sum of their own where a row is sampled from.
#define CROWS_STRIP 64
/// Masses at or below this are those of logits that underflow: never drawn.
#define CROWS_NOTHING 0x1p-125f

/// What pass 1 leaves of a block.
typedef struct {
  double reference;  // in powers of two; whole, so that 2^reference rescales without rounding
  double sum;        // of 2^(m x - reference)
} crows_block;

/// What pass 1 finds in a row x of n logits, in powers of two: sum_j 2^(m x_j) = 2^high total.
typedef struct {
  double high;      // the largest reference
  double total;     // in 2^-126 ... n
  double log2_sum;  // high + log2(total); NaN when a logit is NaN or +infinity
  double sum;       // sum_j x_j; of passes with moments
  double mean;      // sum_j p_j m x_j, the mean of the exponents under p; with moments
  float maximum;    // the largest logit
  int64_t place;    // its first place; with moments
} crows_softmax;

/// One addend of a gradient: factor times v_j, with a factor for each block.
typedef struct {
  const float *values;
  const float *factors;
} crows_term;

typedef struct {
  const char *name;

  /// Pass 1 in place: x_j <- 2^(m x_j - its block's reference).
  crows_softmax (*exponentials)(float *x, intptr_t n, float m, crows_block *blocks);
  crows_softmax (*exponentials_moments)(float *x, intptr_t n, float m, crows_block *blocks);
  /// The same to another array, with moments; x stays as it is.
  crows_softmax (*exponentials_apart)(
    const float *x, float *out, intptr_t n, float m, crows_block *blocks);
  /// Pass 1 in place for bfloat16 logits; what is stored is rounded, the sums are not.
  crows_softmax (*exponentials_bfloat16)(uint16_t *x, intptr_t n, float m, crows_block *blocks);
  crows_softmax (*exponentials_bfloat16_moments)(
    uint16_t *x, intptr_t n, float m, crows_block *blocks);
  /// Pass 1 that stores nothing.
  crows_softmax (*statistics)(const float *x, intptr_t n, float m, crows_block *blocks);

  /// Pass 2 in place: x_j <- x_j scale 2^(reference - high) / total + offset, last block first.
  void (*normalize)(
    float *x, intptr_t n, const crows_block *blocks, const crows_softmax *softmax, double scale,
    float offset);
  void (*normalize_bfloat16)(
    uint16_t *x, intptr_t n, const crows_block *blocks, const crows_softmax *softmax, double scale,
    float offset);
  /// Pass 2 with several addends: row_j <- (sum_k term_k + offset) (1 - (row_j inverse_cap)^2).
  void (*combine)(
    float *row, intptr_t n, const crows_term *terms, intptr_t count, float offset,
    float inverse_cap);

  /// Asks memory for the logits at a set's ids.
  void (*prefetch)(const void *x, intptr_t size, const uint32_t *ids, intptr_t n);
  /// out_i <- x_(id_i), widened.
  void (*gather)(const float *x, const uint32_t *ids, intptr_t n, float *out);
  void (*gather_bfloat16)(const uint16_t *x, const uint32_t *ids, intptr_t n, float *out);
  /// x_(id_i) <- g_i, rounded.
  void (*scatter)(float *x, const uint32_t *ids, intptr_t n, const float *g);
  void (*scatter_bfloat16)(uint16_t *x, const uint32_t *ids, intptr_t n, const float *g);
  /// sum_i w_i and sum_i w_i (log w_i - x_i) over n pairs, in float64; w of 0 count nothing.
  void (*set_terms)(
    const float *w, const float *x, intptr_t n, double *mass, double *inner);
  /// g_i <- slope p_i + offset - scale w_i with p_i = 2^(m x_i - high) / total; returns
  /// sum_i p_i.
  double (*set_gradient)(
    const float *x, const float *w, intptr_t n, float m, double high, double total,
    double slope, float offset, float scale, float *g);
  /// The largest of n logits, NaNs passed over; `parts` takes those of 64 disjoint parts.
  float (*maxima)(const float *x, intptr_t n, float *parts);
  /// Sums of the masses 2^(m (x_j - maximum)), which are not stored: of each block, of each strip
  /// lane by lane (16 floats, also of strips that the last block lacks), and of all; NaN where a
  /// logit is NaN.
  double (*masses)(
    const float *x, intptr_t n, float maximum, float m, double *blocks, float *strips);
  /// The sum of all alone.
  double (*mass)(const float *x, intptr_t n, float maximum, float m);
  /// Finds the first id at which the running sum of masses reaches a fraction of the total, for
  /// `count` ascending fractions, by the sums that `masses` left; never an id without mass. Returns
  /// how many were found; rounding may put the last ones behind the row.
  intptr_t (*draw)(
    const float *x, intptr_t n, float maximum, float m, const double *blocks, const float *strips,
    const double *fractions, intptr_t count, double total, uint32_t *ids);
  /// The first multiple of 64 behind `from`, itself one, within whose 64 logits one may exceed the
  /// threshold; n if there is none.
  intptr_t (*next_above)(const float *x, intptr_t from, intptr_t n, float threshold);
  /// sum_j x_j y_j.
  float (*dot)(const float *x, const float *y, intptr_t n);
  /// x_j <- cap tanh(x_j / cap).
  void (*cap)(float *x, intptr_t n, float cap);
} crows_table;

/// The instruction sets there are code for, best first, up to NULL: `x86-64-v4`, `x86-64-v3`,
/// `baseline` or `neon`, `baseline` being what the compiler assumes of every machine.
const crows_table *const *crows_all(void);
/// Whether this machine can run a table.
int crows_runs(const crows_table *table);

#endif
