/// How the stream is normalised before attention, feed-forward layer and head.
public enum NormKind: Equatable, Sendable {
  /// Root mean square, with a gain.
  case rms
  /// Mean and deviation, with gain and bias.
  case layer
}
