/// How gradients become updates of the weights.
public enum OptimizerKind: String, Sendable, CaseIterable {
  /// AdamW for all tensors.
  case adamw
  /// Muon for the matrices of the layers, each by itself; AdamW for embedding, head, positions,
  /// gains and biases.
  case muon
}
