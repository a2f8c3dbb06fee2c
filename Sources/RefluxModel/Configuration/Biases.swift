/// Which matrices have a bias.
public struct Biases: OptionSet, Sendable {
  /// One bit for each of the static members.
  public let rawValue: Int

  /// Any bits; only those of the static members mean something.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Queries, keys and values.
  public static let projections = Biases(rawValue: 1)
  /// The output of the attention.
  public static let attentionOutput = Biases(rawValue: 2)
  /// Both matrices of the feed-forward layer.
  public static let feedForward = Biases(rawValue: 4)
  /// The whole attention.
  public static let attention: Biases = [.projections, .attentionOutput]
  /// Every matrix of a layer.
  public static let all: Biases = [.projections, .attentionOutput, .feedForward]
}
