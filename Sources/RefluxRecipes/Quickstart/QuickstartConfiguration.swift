public import RefluxModel

/// Sizes and budgets of the quickstart: chosen for about seven minutes on two cores.
public struct QuickstartConfiguration: Sendable {
  public var seed: UInt64
  public var vocabularySize = 4096
  public var window = 256
  /// Windows per step.
  public var batch = 16
  public var teacherTokens = 2_500_000
  public var studentTokens = 1_600_000
  public var teacherRate = 2e-3
  public var studentRate = 3e-3
  public var warmupSteps = 50
  public var rounds = 50
  public var topK = 12
  /// One file in so many is held out.
  public var heldOutShare: UInt64 = 20
  /// The most held-out tokens to evaluate on.
  public var heldOutTokens = 131_072
  /// Of these, the ones evaluated while a model trains.
  public var curveTokens = 16_384
  /// Steps from one point of the held-out curve, and one checkpoint, to the next.
  public var curveSteps = 40

  public init(seed: UInt64 = 0) { self.seed = seed }

  public func teacher(_ vocabularySize: Int) -> DecoderConfiguration {
    DecoderConfiguration(
      vocabularySize: vocabularySize, hiddenSize: 256, intermediateSize: 688, layers: 6, heads: 4,
      positions: 512)
  }

  public func student(_ vocabularySize: Int) -> DecoderConfiguration {
    DecoderConfiguration(
      vocabularySize: vocabularySize, hiddenSize: 128, intermediateSize: 344, layers: 3, heads: 2,
      positions: 512)
  }

  var tokensPerStep: Int { batch * window }

  /// Two runs share it exactly when one may go on where the other stopped.
  func identity(corpus: UInt64, elementName: String) -> String {
    "seed=\(seed) vocabulary=\(vocabularySize) window=\(window) batch=\(batch)"
      + " teacher=\(teacherTokens) student=\(studentTokens) rounds=\(rounds) top=\(topK)"
      + " corpus=\(corpus) products=\(elementName)"
  }
}
