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

/// Logits of a later row that memory can be asked for while a pass runs.
typedef struct {
  const void *row;
  intptr_t size;  // bytes of a logit
  const uint32_t *ids;
  intptr_t count, asked;
} crows_ahead;

/// Sums over a set of weights w and logits x, in float64, with targets t_i = w_i + uniform.
typedef struct {
  double mass;     // sum_i w_i
  double entropy;  // sum_i t_i log t_i
  double cross;    // sum_i w_i x_i
} crows_set_sums;

/// D = sum f(t, q), named as in `divergences.h`; a and b are its parameters.
typedef enum {
  CROWS_FORWARD, CROWS_REVERSE, CROWS_MIXED, CROWS_BALANCED, CROWS_JENSEN_SHANNON, CROWS_SKEW,
  CROWS_SKEW_REVERSE, CROWS_TOTAL_VARIATION, CROWS_ALPHA_BETA, CROWS_ALPHA_BETA_NO_A,
  CROWS_ALPHA_BETA_NO_B, CROWS_ALPHA_BETA_OPPOSITE, CROWS_ALPHA_BETA_LOGS
} crows_divergence;

/// Sums over pairs of a divergence.
typedef struct {
  double loss;   // sum f
  double slope;  // sum q f_q
} crows_divergence_sums;

/// One addend of a gradient: factor times v_j, with a factor for each block.
typedef struct {
  const float *values;
  const float *factors;
} crows_term;

/// A row to draw from, with the sums that `masses` left.
typedef struct {
  const float *logits;
  intptr_t count;
  float maximum, multiplier;
  const double *ends;
  const float *strips;
  double total;
} crows_row;

/// What is drawn from: running sums over its parts, from the 0 before the first on; points are
/// scaled to the last. The sums after the 0 begin a line of the cache.
typedef struct {
  double before;  // sum of the blocks before this one
  double scale;
  double unused[5], sums[1 + 16];
} crows_drawn_block;

typedef struct {
  double scale;
  uint32_t first;     // its first id
  uint32_t marks;     // a byte for each leaf that holds a point
  uint32_t slots[4];  // where those leaves are
  double unused[3], sums[1 + 8];
  float masses[CROWS_STRIP];
} crows_drawn_strip;

typedef struct {
  double scale;
  uint32_t first, unused[11];
  double sums[1 + 16];
  uint32_t counts[16];  // points of each id
} crows_drawn_leaf;

/// The memory of `draw`, zeroed at first, for rows of n logits and up to N points at once.
typedef struct {
  uint64_t *block_marks, *strip_marks;  // a byte for each, in whole words
  uint32_t *places;                     // N
  uint32_t *slots;                      // where strips are: one for each of n / 64
  crows_drawn_block *blocks;            // one for each of n / 1,024
  crows_drawn_strip *strips;            // the smaller of N and n / 64
  crows_drawn_leaf *leaves;             // the smaller of N and n / 16
  intptr_t strip_count, leaf_count;
} crows_drawing;

typedef struct {
  const char *name;

  /// Pass 1 in place: x_j <- 2^(m x_j - its block's reference). Meanwhile asks memory for what is
  /// ahead, if anything is.
  crows_softmax (*exponentials)(
    float *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead);
  crows_softmax (*exponentials_moments)(
    float *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead);
  /// The same to another array, with moments; x stays as it is.
  crows_softmax (*exponentials_apart)(
    const float *x, float *out, intptr_t n, float m, crows_block *blocks);
  /// Pass 1 in place for bfloat16 logits; what is stored is rounded, the sums are not.
  crows_softmax (*exponentials_bfloat16)(
    uint16_t *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead);
  crows_softmax (*exponentials_bfloat16_moments)(
    uint16_t *x, intptr_t n, float m, crows_block *blocks, crows_ahead *ahead);
  /// Pass 1 that stores nothing.
  crows_softmax (*statistics)(const float *x, intptr_t n, float m, crows_block *blocks);

  /// Pass 2 in place: x_j <- x_j scale 2^(reference - high) / total + offset, last block first.
  void (*normalize)(
    float *x, intptr_t n, const crows_block *blocks, const crows_softmax *softmax, double scale,
    float offset);
  void (*normalize_bfloat16)(
    uint16_t *x, intptr_t n, const crows_block *blocks, const crows_softmax *softmax, double scale,
    float offset);
  /// x_j <- factor x_j, first block first: the least that work in place can do.
  void (*multiply)(float *x, intptr_t n, float factor);
  void (*multiply_bfloat16)(uint16_t *x, intptr_t n, float factor);
  /// Pass 2 with several addends: row_j <- (sum_k term_k + offset) (1 - (row_j inverse_cap)^2).
  void (*combine)(
    float *row, intptr_t n, const crows_term *terms, intptr_t count, float offset,
    float inverse_cap);

  /// x_(id_i) <- g_i, rounded.
  void (*scatter)(float *x, const uint32_t *ids, intptr_t n, const float *g);
  void (*scatter_bfloat16)(uint16_t *x, const uint32_t *ids, intptr_t n, const float *g);
  /// out_i <- x_(id_i), widened, and the sums over the set; w_i of 0 count nothing.
  crows_set_sums (*set_sums)(
    const float *x, const uint32_t *ids, const float *w, intptr_t n, float uniform, float *out);
  crows_set_sums (*set_sums_bfloat16)(
    const uint16_t *x, const uint32_t *ids, const float *w, intptr_t n, float uniform,
    float *out);
  /// g_i <- slope p_i + offset - scale w_i with p_i = 2^(m x_i - high) / total; returns
  /// sum_i p_i.
  double (*set_gradient)(
    const float *x, const float *w, intptr_t n, float m, double high, double total,
    double slope, float offset, float scale, float *g);
  /// A divergence over n pairs: with q_j student_b and t_j teacher_b as probabilities, b the block
  /// of j and NULL for factors of 1, q_j becomes q f_q and t_j becomes q.
  crows_divergence_sums (*diverge)(
    int kind, float *q, float *t, intptr_t n, const float *student, const float *teacher, float a,
    float b);
  /// w_i <- factor w_i^exponent; 0 stays 0.
  void (*raise)(float *w, intptr_t n, float exponent, float factor);
  /// rank_i <- how many of n weights are larger, or equal with a smaller id; O(n^2).
  void (*ranks)(const float *w, const uint32_t *ids, intptr_t n, uint32_t *ranks);
  /// The largest of n logits, NaNs passed over; `parts` takes those of 64 disjoint parts.
  float (*maxima)(const float *x, intptr_t n, float *parts);
  /// Sums of the masses 2^(m (x_j - maximum)), which are not stored: of all blocks up to each one's
  /// end, then infinity sixteen times; of each strip lane by lane (16 floats, also of strips
  /// that the last block lacks); returned of all. NaN where a logit is NaN.
  double (*masses)(
    const float *x, intptr_t n, float maximum, float m, double *ends, float *strips);
  /// The sum of all alone.
  double (*mass)(const float *x, intptr_t n, float maximum, float m);
  /// The ids under `count` fractions of the total in (0, 1], which come in any order and are
  /// overwritten: for each the first id at which the running sum of masses reaches it, never one
  /// without mass. Writes the distinct ids, ascending, and how many fractions fell on each; returns
  /// how many they are.
  intptr_t (*draw)(
    const crows_row *row, double *fractions, intptr_t count, crows_drawing *drawing,
    uint32_t *ids, uint32_t *counts);
  /// The `rank` largest of n >= rank logits, none of which is NaN, of equal ones the first;
  /// ascending by id. `maximum` and `parts` are what `maxima` found; `keys`, `logits` and `ids`
  /// have room for n + 16. Returns how many they are: `rank`.
  intptr_t (*top)(
    const float *x, intptr_t n, intptr_t rank, float maximum, const float *parts, int32_t *keys,
    float *logits, uint32_t *ids);
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
/// Whether this machine can run what the package's numeric modules are compiled for: x86-64-v3 on
/// x86-64. To be asked before any of them runs; this one is compiled for every machine.
int crows_runs_modules(void);
/// Whether the processor is one of AMD's, whose dot products of bfloat16 (where it has them) run on
/// as many ports as multiplications of float32.
int crows_is_amd(void);

#endif
