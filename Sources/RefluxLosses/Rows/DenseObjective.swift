internal import RefluxMemory
internal import RefluxTargets

/// An objective on all logits of the teacher.
enum DenseObjective: Sendable {
  /// Forward KL to the teacher's softmax to a power.
  case forward(TeacherPower)
  /// A divergence of all pairs.
  case pairs(Divergence)
  /// Reverse KL, plus the forward KL where the teacher's entropy is above a threshold.
  case byEntropy(threshold: Double)
  /// By its definition, slower.
  case other(DenseRow)

  /// Nil for objectives whose rows stand together, and for those without a teacher.
  init?(_ choice: ObjectiveChoice) {
    switch choice.name {
    case .fullkd: self = .forward(TeacherPower(gamma: 1, isWeighted: false))
    case .ttm, .wttm:
      self = .forward(
        TeacherPower(gamma: choice.number("gamma"), isWeighted: choice.name == .wttm))
    case .mix: self = .byEntropy(threshold: choice.number("threshold"))
    default:
      if let divergence = ReferenceDivergence(choice) {
        self = .pairs(Divergence(divergence))
      } else if let row = DenseRow(choice) {
        self = .other(row)
      } else {
        return nil
      }
    }
  }
}

/// p^gamma / U, and whether the row counts U times.
struct TeacherPower: Sendable {
  let gamma: Double
  let isWeighted: Bool
}
