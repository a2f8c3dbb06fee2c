internal import RefluxLosses
internal import RefluxTargets

/// Options of the loss that mean nothing, or something else, with the objective.
extension TrainingConfiguration {
  /// Refuses also what changes nothing with these stores.
  ///
  /// - Parameter shares: the target's share of each store, nil where it has none of its own.
  /// - Throws: what ``validate()`` throws.
  public func validate(shares: [Float?]) throws(TrainingError) {
    try validate()
    // A store's share may stand in a file for runs with other losses.
    if objective == .ce { return }
    let own = shares.compactMap { $0 }
    if own.count == shares.count, let share = own.first {
      try refuseAlpha("each store has its own (\(share) ...)")
    }
    let used =
      own.map(Double.init)
      + (own.count < shares.count ? [loss.distillation, finalDistillation].compactMap { $0 } : [])
    if loss.labelSmoothing > 0, used.allSatisfy({ $0 == 1 }) {
      throw .idle(
        name: "label smoothing", found: "\(loss.labelSmoothing)",
        reason: "alpha is 1, so that the label has no part in the loss")
    }
    if loss.temperature != 1, used.allSatisfy({ $0 == 0 }) {
      throw .idle(
        name: "temperature", found: "\(loss.temperature)",
        reason: "alpha is 0, so that the target has no part in the loss")
    }
  }

  /// What can be said without the stores.
  func checkTarget() throws(TrainingError) {
    if objective == .ce { try refuseAlpha(Self.noTarget) }
    if loss.temperature == 1 { return }
    if objective == .ce {
      throw .idle(name: "temperature", found: "\(loss.temperature)", reason: Self.noTarget)
    }
    if objective.needsSamples {
      // Weights at 1 beside logits at T would teach the student T times the teacher's logits.
      throw .configuration(
        name: "temperature", found: "\(loss.temperature)",
        expected: "1: the sets of a store are the teacher's at 1; the loss 'fullkd', with a teacher"
          + " beside the student, takes any")
    }
  }

  private static var noTarget: String { "the loss 'ce' has no target beside the label" }

  private func refuseAlpha(_ reason: String) throws(TrainingError) {
    if loss.distillation != 1 {
      throw .idle(name: "alpha", found: "\(loss.distillation)", reason: reason)
    }
    if let finalDistillation {
      throw .idle(name: "alpha at the end", found: "\(finalDistillation)", reason: reason)
    }
  }
}
