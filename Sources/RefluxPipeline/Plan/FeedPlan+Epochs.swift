extension FeedPlan {
  /// The whole steps of a run that goes through its stores so many times.
  ///
  /// Counted over the whole run: windows that one epoch has too many for a step begin a step that
  /// the next one fills; where remainders are dropped, batches do.
  ///
  /// - Parameters:
  ///   - epochs: of each store, 0 or more, in fractions where wanted.
  ///   - batches: steps of the plan that are one step of the run.
  public func steps(epochs: [Double], batches: Int = 1) -> Int {
    precondition(epochs.count == sources.count && batches >= 1, "epochs of each store")
    var windows = 0.0
    for (epochs, count) in zip(epochs, windowCounts) {
      let taken = remainder == .dropped ? count - count % windowsPerStep : count
      windows += epochs * Double(taken)
    }
    // 0.29 epochs of 100 windows are 29, whatever the product's last bit says.
    let steps = windows / Double(windowsPerStep * batches) * (1 + 1e-12)
    return Int(min(steps, 0x1p48).rounded(.down))
  }
}
