/// What a student learns from.
public enum Objective: String, Sendable, CaseIterable {
  /// The labels alone: cross-entropy.
  case ce
  /// Random-sampling KD: forward KL from counted or importance-weighted sample sets.
  case rskd
  /// Forward KL from raw top-K sets, whose mass is below 1: the biased baseline.
  case topk
  /// Top-K sets whose remaining mass is one bucket with all other ids: the ghost token.
  case ghost
  /// Top-K sets whose remaining mass goes to all ids in equal parts.
  case smoothing
  /// Top-K sets whose remaining mass goes to the label: the naive fix.
  case naive
  /// Forward KL from the full softmax of a teacher that runs beside the student.
  case fullkd

  /// Whether the loss reads a sample store.
  public var needsSamples: Bool { self == .rskd || needsTopSets }
  /// Whether the sample store must hold top-K sets; otherwise it must hold random draws.
  public var needsTopSets: Bool {
    switch self {
    case .topk, .ghost, .smoothing, .naive: true
    case .ce, .rskd, .fullkd: false
    }
  }
  /// Whether the loss runs a teacher.
  public var needsTeacher: Bool { self == .fullkd }

  /// Where the mass goes that a set leaves.
  public var remainder: Remainder {
    switch self {
    case .ce, .rskd, .topk, .fullkd: .dropped
    case .ghost: .ghost
    case .smoothing: .uniform
    case .naive: .label
    }
  }
}

/// Where the mass goes that a set of a few ids leaves of a distribution.
public enum Remainder: Sendable, CaseIterable {
  /// Nowhere: raw top-K, and importance weights.
  case dropped
  /// To the ids in the set in proportion to their weights.
  case renormalized
  /// In equal parts to all ids of the vocabulary.
  case uniform
  /// To the label.
  case label
  /// Into one bucket with all ids outside the set.
  case ghost
}
