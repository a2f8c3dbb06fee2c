/// What a student learns from.
public enum Objective: String, Sendable, CaseIterable {
  /// The labels alone: cross-entropy.
  case ce
  /// Random-sampling KD: forward KL from counted or importance-weighted sample sets.
  case rskd
  /// Forward KL from raw top-K sets, whose mass is below 1: the biased baseline.
  case topk
  /// Forward KL from the full softmax of a teacher that runs beside the student.
  case fullkd

  /// Whether the loss reads a sample store.
  public var needsSamples: Bool { self == .rskd || self == .topk }
  /// Whether the loss runs a teacher.
  public var needsTeacher: Bool { self == .fullkd }
}
