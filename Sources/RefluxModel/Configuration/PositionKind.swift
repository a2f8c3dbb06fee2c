public import RefluxKernels

/// How a layer knows where a token stands.
public enum PositionKind: Equatable, Sendable {
  /// Queries and keys turn by angles of this base, stretched by `scaling`.
  case rotary(base: Double, scaling: RotaryScaling = .none)
  /// A vector per position is added to the embedding.
  case learned
}
