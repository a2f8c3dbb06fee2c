internal import RefluxMemory
internal import RefluxTargets

/// A part of a gradient that goes with a power of q: `share` times softmax(e z) of the ids of its
/// pass.
struct PowerPart {
  let softmax: RowSoftmax
  var share = 0.0
  /// Whether the pass was over the whole row; otherwise over the ids outside of the set.
  let isWhole: Bool

  /// sum q^e over those ids, where `all` is the student's softmax.
  func sum(_ all: RowSoftmax, exponent: Double) -> Double {
    softmax.isEmpty ? 0 : exp(softmax.logSumExp - exponent * all.logSumExp)
  }
}

extension RowLoss {
  /// e where the objective's gradient has a part that goes with q^e.
  var exponent: Double? {
    switch objective {
    case .spread(let a, let b, _): a + b
    case .correlation: 2
    default: nil
    }
  }

  /// AB with the rest as the student's lies, t_j = rho q_j with rho = t_R / q_R held constant:
  /// g_j = q_j^(a + b - 1) (1 - rho^a) / a outside of the set.
  func spread(
    _ a: Double, _ b: Double, _ set: SetEntries, rest: Double, _ student: Student,
    _ power: inout PowerPart
  ) -> RowGradient {
    let divergence = Divergence(.alphaBeta(a, b))
    var own = gradient(of: divergence, set, rest: nil, student)
    let outside = student.outside
    let ratio = ReferenceShare(rest / max(outside.value, .leastNormalMagnitude))
    let one = divergence.reference.term(ratio, ReferenceShare(1))
    let sum = power.sum(student.all, exponent: a + b)
    own.loss += sum * one.loss
    own.inside -= sum * one.slope
    own.outside = own.inside * outside.value
    power.share = sum * one.slope
    return own
  }

  /// DIST between a row of the student and of the teacher, 0 outside of the set:
  /// L = 1 - r, r = a.b / (|a| |b| + 1e-8) of both less their means.
  func correlation(
    _ weight: Double, _ set: SetEntries, _ student: Student, size: Int, _ power: inout PowerPart
  ) -> RowGradient {
    let q = scratch.slopes.slice(0, set.count)
    _ = student.all.gradient(
      set.logits, set.weights, slope: 1, scale: 0, into: q, scratch.instructionSet)
    var (product, squares) = (0.0, 0.0)
    for place in 0..<set.count {
      let t = Double(set.weights[place])
      product += t * Double(q[place])
      squares += t * t
    }
    let (count, own) = (Double(size), power.sum(student.all, exponent: 2))
    let covariance = product - set.mass / count
    let norm = max(0, own - 1 / count).squareRoot()
    let divisor = norm * max(0, squares - set.mass * set.mass / count).squareRoot() + 1e-8
    let value = covariance / divisor
    // dr/dq_j = (t_j - mean) / divisor - along (q_j - mean), of which means count nothing.
    let along = norm == 0 ? 0 : value * (divisor - 1e-8) / norm / norm / divisor
    var result = RowGradient(q, student.all)
    result.loss = weight * (1 - value)
    let mean = weight * (product / divisor - along * own)
    (result.inside, result.outside) = (mean, mean)
    for place in 0..<set.count { q[place] *= set.weights[place] }
    result.share = weight / divisor
    power.share = weight * along * own
    return result
  }
}
