internal import CRows
internal import RefluxMemory

/// D = sum f(t, q): which f, for the kernel and, for the one pair of the rest, in float64.
struct Divergence: Sendable {
  /// f by the book.
  let reference: ReferenceDivergence
  private let kind: Int32
  private let a: Float
  private let b: Float

  init(_ reference: ReferenceDivergence) {
    self.reference = reference
    let (kind, a, b) = Self.kernel(reference)
    (self.kind, self.a, self.b) = (Int32(kind.rawValue), Float(a), Float(b))
  }

  private static func kernel(_ reference: ReferenceDivergence) -> (crows_divergence, Double, Double)
  {
    switch reference {
    case .forward: (CROWS_FORWARD, 0, 0)
    case .reverse: (CROWS_REVERSE, 0, 0)
    case .mixed(let share): (CROWS_MIXED, share, 0)
    case .balanced: (CROWS_BALANCED, 0, 0)
    case .jensenShannon(let beta): (CROWS_JENSEN_SHANNON, beta, 0)
    case .skew(let alpha): (CROWS_SKEW, alpha, 0)
    case .skewReverse(let alpha): (CROWS_SKEW_REVERSE, alpha, 0)
    case .totalVariation: (CROWS_TOTAL_VARIATION, 0, 0)
    case .alphaBeta(let a, let b): (alphaBeta(a, b), a, b)
    }
  }

  /// The limits of the general form, where it divides by 0.
  private static func alphaBeta(_ a: Double, _ b: Double) -> crows_divergence {
    func isSmall(_ value: Double) -> Bool { abs(value) < 1e-4 }
    return switch (isSmall(a), isSmall(b), isSmall(a + b)) {
    case (true, true, _): CROWS_ALPHA_BETA_LOGS
    case (true, _, _): CROWS_ALPHA_BETA_NO_A
    case (_, true, _): CROWS_ALPHA_BETA_NO_B
    case (_, _, true): CROWS_ALPHA_BETA_OPPOSITE
    default: CROWS_ALPHA_BETA
    }
  }

  /// Over pairs of probabilities, each times its block's factor where there are any: `student`
  /// becomes q f_q and `teacher` q.
  ///
  /// - Returns: sum f and sum q f_q.
  func apply(
    student: View<Float>, teacher: View<Float>, factors: (View<Float>, View<Float>)? = nil,
    scratch: LossScratch
  ) -> (loss: Double, slope: Double) {
    precondition(student.count == teacher.count)
    let table = unsafe scratch.instructionSet.table.pointee
    let sums = unsafe table.diverge!(
      kind, student.base, teacher.base, student.count, factors?.0.base, factors?.1.base, a, b)
    return (sums.loss, sums.slope)
  }
}
