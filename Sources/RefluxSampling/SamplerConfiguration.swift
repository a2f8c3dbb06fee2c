public import RefluxTargets

/// What is drawn from each row of logits.
public struct SamplerConfiguration: Sendable, Equatable {
  /// How ids are chosen.
  public var estimator: Estimator
  /// The number of draws per row, N; for top-K the number of ids kept, K. 1...65,536.
  public var rounds: Int
  /// The exponent of the proposal q, proportional to t^tau: 1 draws from t itself and gives exact
  /// counts, less than 1 draws rare ids more often. 0.01...8; 1 for top-K.
  public var tau: Double
  /// Whether draws at another tau than 1 stay counts, whose shares are an estimate of the proposal
  /// q; otherwise they are importance weights, an estimate of t.
  public var isUncorrected = false
  /// The temperature T of the teacher: t is the softmax of the logits / T. 0.01...100.
  public var temperature = 1.0
  /// The seed of all draws; the draws of a row depend on it and the row's position alone.
  public var seed: UInt64

  /// Values of ``rounds``.
  public static let roundsRange = 1...65_536
  /// Values of ``tau``.
  public static let tauRange = 0.01...8
  /// Values of ``temperature``.
  public static let temperatureRange = 0.01...100.0

  /// The published default: 50 draws at tau = 1, about 12 distinct ids.
  public init(
    estimator: Estimator = .multinomial, rounds: Int = 50, tau: Double = 1, seed: UInt64 = 0
  ) {
    self.estimator = estimator
    self.rounds = rounds
    self.tau = tau
    self.seed = seed
  }

  /// Whether the result is real weights; otherwise it is whole counts out of `rounds`.
  public var isWeighted: Bool { estimator == .topk || tau != 1 && !isUncorrected }

  /// What logits are multiplied by before they become masses of the proposal.
  var scale: Double { tau / temperature }

  /// The most ids that one row can have.
  ///
  /// - Parameter vocabularySize: the number of ids there are.
  public func capacity(vocabularySize: Int) -> Int { min(rounds, vocabularySize) }

  /// Checks every field.
  ///
  /// - Throws: `rounds`, `tau`, `tauOfTopK`, `temperature` or `nothingToCorrect`.
  public func validate() throws(SamplingError) {
    guard Self.roundsRange.contains(rounds) else { throw .rounds(rounds) }
    guard Self.tauRange.contains(tau) else { throw .tau(tau) }
    guard estimator != .topk || tau == 1 else { throw .tauOfTopK(tau) }
    guard Self.temperatureRange.contains(temperature) else { throw .temperature(temperature) }
    guard !isUncorrected || tau != 1 else { throw .nothingToCorrect }
  }
}
