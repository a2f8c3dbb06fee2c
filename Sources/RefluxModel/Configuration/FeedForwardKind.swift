public import RefluxKernels

/// What stands between the two matrices of the feed-forward layer.
public enum FeedForwardKind: Equatable, Sendable {
  /// silu(gate) * up: the first matrix has twice the width.
  case swiGLU
  /// gelu(gate) * up by the tanh form, likewise.
  case geGLU
  /// The unit, column by column.
  case gelu(GELU)
}
