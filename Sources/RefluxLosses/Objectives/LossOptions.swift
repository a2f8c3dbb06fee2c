/// How losses are formed from targets; the defaults change nothing.
public struct LossOptions: Sendable, Equatable {
  /// T: teacher weights are compared with softmax(x / T); the loss counts T^2 times, so that
  /// gradients keep their size. The label's part is at T = 1. Above 0.
  public var temperature = 1.0
  /// Alpha, the share of the target; 1 - alpha is that of the label. 0...1.
  public var distillation = 1.0
  /// The share of the label's mass that is spread over all ids. 0..<1.
  public var labelSmoothing = 0.0
  /// c: logits become c tanh(x / c) first; nil leaves them. Above 0.
  public var softcap: Double?
  /// Factor of (log sum e^x)^2 in the loss. At least 0.
  public var zLoss = 0.0

  /// Values of ``distillation``.
  public static let shareRange = 0.0...1
  /// Values of ``labelSmoothing``.
  public static let smoothingRange = 0.0..<1

  /// The defaults.
  public init() {}

  /// T of an objective: its own where that is not 1.
  func temperature(of choice: ObjectiveChoice) -> Double {
    choice.temperature == 1 ? temperature : choice.temperature
  }

  /// The derivative of the softcap at a capped logit; 1 without.
  func slope(at logit: Float) -> Double {
    let share = softcap.map { Double(logit) / $0 } ?? 0
    return 1 - share * share
  }

  /// Checks every field.
  ///
  /// - Throws: `option`, naming the field.
  public func validate() throws(LossError) {
    func check(_ isGood: Bool, _ name: String, _ value: Double) throws(LossError) {
      if !isGood || !value.isFinite { throw .option(name, value) }
    }
    try check(temperature > 0, "temperature", temperature)
    try check(Self.shareRange.contains(distillation), "distillation", distillation)
    try check(Self.smoothingRange.contains(labelSmoothing), "labelSmoothing", labelSmoothing)
    try check(softcap.map { $0 > 0 } ?? true, "softcap", softcap ?? 1)
    try check(zLoss >= 0, "zLoss", zLoss)
  }
}
