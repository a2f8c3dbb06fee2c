public import RefluxTargets

extension ObjectiveName {
  /// Where the mass goes that a set leaves; nil where the objective is no forward KL of that form.
  public var remainder: Remainder? {
    switch self {
    case .ce, .rskd, .topk, .fullkd: .dropped
    case .ghost: .ghost
    case .smoothing: .uniform
    case .naive: .label
    default: nil
    }
  }
}
