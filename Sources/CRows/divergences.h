// Divergences D = sum f(t, q) of a teacher's probabilities t and a student's q, one line each.
//
// Of each pair f and q f_q: the derivative times q stays finite where q vanishes. Logarithms of 0
// are finite (-88), so that 0 log 0 is 0.

/// f and q df/dq of sixteen pairs.
typedef struct {
  lanes loss, slope;
} divergence_term;

/// x^e, 0 for x = 0.
ALWAYS lanes power_lanes(lanes x, float e) {
  lanes zero = 0.f;
  lanes y = log_lanes(x) * (lanes)(e * 1.442695041f);
  y = y > (lanes)126.f ? (lanes)126.f : y;
  return x == zero ? zero : exp2_lanes(clamped(y));
}

/// x log(x / y) - x + y with d = log(x / y).
ALWAYS lanes gap_above(lanes x, lanes y, lanes d) { return multiply_add(x, d, y - x); }

/// e^x - 1 - x for |x| of at most 1.
ALWAYS lanes exp_excess(lanes x) {
  lanes one = 1.f, p = 1.f;
  for (int n = 10; n > 2; n--) p = multiply_add(x * (lanes)(1.f / n), p, one);
  return x * x * p * (lanes)0.5f;
}

ALWAYS divergence_term alpha_beta(lanes t, lanes q, lanes d, float a, float b, const int kind) {
  lanes qb = power_lanes(q, b), qa = power_lanes(q, a), ta = power_lanes(t, a);
  switch (kind) {
    case CROWS_ALPHA_BETA_LOGS: return (divergence_term){(lanes)0.5f * d * d, d};
    case CROWS_ALPHA_BETA_NO_A:
      return (divergence_term){
        gap_above(qb, power_lanes(t, b), (lanes)b * d) * (lanes)(1 / (b * b)), qb * d};
    case CROWS_ALPHA_BETA_NO_B:
      return (divergence_term){
        gap_above(ta, qa, (lanes)-a * d) * (lanes)(1 / (a * a)), (qa - ta) * (lanes)(1 / a)};
    case CROWS_ALPHA_BETA_OPPOSITE: {
      lanes ratio = exp2_lanes(clamped((lanes)(-a * 1.442695041f) * d));
      return (divergence_term){
        (multiply_add((lanes)a, d, ratio) - (lanes)1.f) * (lanes)(1 / (a * a)),
        ((lanes)1.f - ratio) * (lanes)(1 / a)};
    }
    default: {
      float c = 1 / (a + b);
      lanes own = qa * qb, others = ta * power_lanes(t, b);
      lanes sum = multiply_add(others, (lanes)(a * c), own * (lanes)(b * c));
      // With t = q e^-d: where the exponents are small, all three terms less what they share.
      lanes x = (lanes)-a * d, y = (lanes)-(a + b) * d, one = 1.f;
      integers near = (x * x <= one) & (y * y <= one);
      lanes excess = exp_excess(x);
      lanes small = own * multiply_add(exp_excess(y), (lanes)(a * c), -excess);
      lanes steep = -own * (x + excess);
      return (divergence_term){
        (near ? small : sum - ta * qb) * (lanes)(1 / (a * b)),
        (near ? steep : own - qb * ta) * (lanes)(1 / a)};
    }
  }
}

/// log(x / y), with one rounding where two logarithms would leave that of the larger; finite where
/// x or y is 0.
ALWAYS lanes log_ratio(lanes x, lanes y) {
  lanes least = 0x1p-126f;
  return log_lanes(larger(larger(x, least) / larger(y, least), least));
}

ALWAYS divergence_term mixed(lanes w, lanes t, lanes q, lanes d) {
  lanes reverse = q * d;
  return (divergence_term){
    multiply_add(w, -t * d - reverse, reverse), multiply_add(w, -t - (reverse + q), reverse + q)};
}

ALWAYS divergence_term divergence(lanes t, lanes q, float a, float b, const int kind) {
  lanes least = 0x1p-126f, one = 1.f;
  switch (kind) {
    case CROWS_FORWARD: return (divergence_term){t * log_ratio(t, q), -t};
    case CROWS_REVERSE: {
      lanes loss = q * log_ratio(q, t);
      return (divergence_term){loss, loss + q};
    }
    case CROWS_MIXED:  // a FKL + (1 - a) RKL
      return mixed((lanes)a, t, q, log_ratio(q, t));
    case CROWS_BALANCED:  // w FKL + (1 - w) RKL with w = t / (t + q) held constant
      return mixed(t / larger(t + q, least), t, q, log_ratio(q, t));
    case CROWS_JENSEN_SHANNON: {  // m = a t + (1 - a) q
      lanes m = multiply_add((lanes)a, t - q, q);
      lanes own = (lanes)(1 - a) * q * log_ratio(q, m);
      return (divergence_term){multiply_add((lanes)a * t, log_ratio(t, m), own), own};
    }
    case CROWS_SKEW: {  // t log(t / m), m = a t + (1 - a) q
      lanes m = multiply_add((lanes)a, t - q, q);
      return (divergence_term){t * log_ratio(t, m), (lanes)(a - 1) * t * q / larger(m, least)};
    }
    case CROWS_SKEW_REVERSE: {  // q log(q / m), m = (1 - a) t + a q
      lanes m = multiply_add((lanes)a, q - t, t);
      lanes loss = q * log_ratio(q, m);
      return (divergence_term){
        loss, multiply_add(q, one - (lanes)a * q / larger(m, least), loss)};
    }
    case CROWS_TOTAL_VARIATION: {
      lanes zero = 0.f, half = 0.5f;
      lanes slope = q > t ? half * q : (q < t ? -half * q : zero);
      return (divergence_term){half * (q > t ? q - t : t - q), slope};
    }
    default: return alpha_beta(t, q, log_ratio(q, t), a, b, kind);
  }
}

/// The pairs of up to 1,024 places: q_j becomes q f_q, t_j becomes q_j.
ALWAYS void diverge_block(
  float *q, float *t, intptr_t n, float student, float teacher, float a, float b,
  crows_divergence_sums *sums, const int kind
) {
  lanes loss = 0, slope = 0;
  for (intptr_t i = 0; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    lanes own = load_some(q + i, live, 0) * (lanes)student;
    divergence_term term =
      divergence(load_some(t + i, live, 0) * (lanes)teacher, own, a, b, kind);
    if (live < 16) {
      // Lanes that do not exist are no pairs, whatever f(0, 0) is.
      store_some(q + i, term.slope, live);
      store_some(t + i, own, live);
      float f[16] = {0}, s[16] = {0};
      store_some(f, term.loss, live);
      store_some(s, term.slope, live);
      loss += load(f);
      slope += load(s);
    } else {
      store(q + i, term.slope);
      store(t + i, own);
      loss += term.loss;
      slope += term.slope;
    }
  }
  sums->loss += sum(loss);
  sums->slope += sum(slope);
}

ALWAYS crows_divergence_sums diverge_row(
  float *q, float *t, intptr_t n, const float *student, const float *teacher, float a, float b,
  const int kind
) {
  crows_divergence_sums sums = {0, 0};
  for (intptr_t i = 0; i < n; i += CROWS_BLOCK) {
    float s = student ? student[i / CROWS_BLOCK] : 1, r = teacher ? teacher[i / CROWS_BLOCK] : 1;
    diverge_block(q + i, t + i, smaller(n - i, CROWS_BLOCK), s, r, a, b, &sums, kind);
  }
  return sums;
}

static crows_divergence_sums diverge(
  int kind, float *q, float *t, intptr_t n, const float *student, const float *teacher, float a,
  float b
) {
  #define KIND(name) case name: return diverge_row(q, t, n, student, teacher, a, b, name);
  switch (kind) {
    KIND(CROWS_FORWARD)
    KIND(CROWS_REVERSE)
    KIND(CROWS_MIXED)
    KIND(CROWS_BALANCED)
    KIND(CROWS_JENSEN_SHANNON)
    KIND(CROWS_SKEW)
    KIND(CROWS_SKEW_REVERSE)
    KIND(CROWS_TOTAL_VARIATION)
    KIND(CROWS_ALPHA_BETA)
    KIND(CROWS_ALPHA_BETA_NO_A)
    KIND(CROWS_ALPHA_BETA_NO_B)
    KIND(CROWS_ALPHA_BETA_OPPOSITE)
    KIND(CROWS_ALPHA_BETA_LOGS)
  }
  #undef KIND
  return (crows_divergence_sums){0, 0};
}

static void raise_row(float *w, intptr_t n, float exponent, float factor) {
  for (intptr_t i = 0; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    store_some(w + i, power_lanes(load_some(w + i, live, 0), exponent) * (lanes)factor, live);
  }
}

/// Places by descending weight, of equal ones the smaller id first: the rank of each.
static void ranks(const float *w, const uint32_t *ids, intptr_t n, uint32_t *out) {
  for (intptr_t i = 0; i < n; i += 16) {
    intptr_t live = smaller(n - i, 16);
    lanes weight = load_some(w + i, live, 0);
    bits id = {0}, rank = {0};
    memcpy(&id, ids + i, (size_t)live * sizeof *ids);
    for (intptr_t j = 0; j < n; j++) {
      integers before = ((lanes)w[j] > weight) | (((lanes)w[j] == weight) & ((bits)ids[j] < id));
      rank -= (bits)before;
    }
    memcpy(out + i, &rank, (size_t)live * sizeof *out);
  }
}
