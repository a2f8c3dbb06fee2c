internal import RefluxBytes

/// The running mean of a run's losses, by which a spike is one.
///
/// Belongs to the state of a run: it goes into checkpoints, so a resumed run judges as one that
/// never stopped.
struct LossWatch: Equatable {
  /// Mean of the good steps so far, the last about 50 of them weighing most; nil before the first.
  var mean: Double?

  /// Share of a new loss in the mean.
  private static var share: Double { 0.02 }

  /// What is wrong with a step; nil for a good one, which the mean then takes in.
  ///
  /// A spike rises above the mean by more than (factor - 1) times the mean's size: more than factor
  /// times the mean where that is positive. The loss of raw top-K sets, whose mass is below 1, can
  /// be negative.
  mutating func judge(loss: Double, norm: Double, spikeFactor: Double) -> String? {
    if !loss.isFinite { return "the loss is not a number" }
    if !norm.isFinite { return "the gradient is not a number" }
    if let mean, spikeFactor > 0, loss - mean > (spikeFactor - 1) * abs(mean) {
      return mean < 0
        ? "the loss of \(loss) is above the mean of \(mean) by more than \(spikeFactor - 1) times"
          + " its size"
        : "the loss of \(loss) is more than \(spikeFactor) times the mean of \(mean)"
    }
    mean = mean.map { $0 + Self.share * (loss - $0) } ?? loss
    return nil
  }

  /// The mean as the bits of a number, so that nothing is lost.
  var text: String { mean.map { hexadecimal($0.bitPattern) } ?? "" }

  init() {}

  init(text: String) {
    let number = UInt64(text, radix: 16).map { Double(bitPattern: $0) }
    mean = number.flatMap { $0.isFinite ? $0 : nil }
  }
}
