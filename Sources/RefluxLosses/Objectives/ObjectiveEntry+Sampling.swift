internal import RefluxTargets

extension ObjectiveEntry {
  /// The label, and what caches of sampled logits are trained with.
  static func sampling(_ name: ObjectiveName) -> ObjectiveEntry {
    let (summary, kind): (String, TargetKind) =
      switch name {
      case .ce: ("cross-entropy with the label", .label)
      case .rskd: ("forward KL from counts of draws: gradient a q - t", .sampled)
      case .topk: ("forward KL from a top-K set as it is, whose mass is below 1", .topk)
      case .ghost: ("forward KL from a top-K set and one bucket for the rest", .topk)
      case .smoothing: ("forward KL from a top-K set, the rest spread over all ids", .topk)
      case .naive: ("forward KL from a top-K set, the rest given to the label", .topk)
      default: ("forward KL from the teacher's whole softmax, times T^2", .dense)
      }
    return ObjectiveEntry(name, summary).with {
      $0.kinds = [kind]
      $0.welcome = name == .ghost ? [.topk: [.mass]] : [:]
      $0.options = name == .ce ? [] : [.temperature]
      $0.needsLabel = name == .ce || name == .naive
      $0.cost = kind == .dense ? .dense : .set
      $0.source = name == .ce ? "" : "Sparse Logit Sampling, ACL 2025"
    }
  }
}
