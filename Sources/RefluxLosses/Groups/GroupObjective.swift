internal import RefluxMemory
internal import RefluxTargets

/// An objective whose value depends on which rows stand together.
enum GroupObjective: Sendable {
  case sinkhorn(SinkhornOptions)
  case graph(GraphOptions)
  /// DIST: weights of the correlations of rows and of columns.
  case correlation(inter: Double, intra: Double)
  case topScaled(TopScaledOptions)
  /// TAD: the head of k ids, and the tail's weight.
  case tailAware(k: Int, beta: Double)

  init?(_ choice: ObjectiveChoice, _ kind: TargetKind) {
    switch choice.name {
    case .sinkd: self = .sinkhorn(SinkhornOptions(choice))
    case .gld: self = .graph(GraphOptions(choice))
    case .dist where choice.number("intra") > 0:
      self = .correlation(inter: choice.number("inter"), intra: choice.number("intra"))
    case .topkd: self = .topScaled(TopScaledOptions(choice))
    case .tad: self = .tailAware(k: choice.integer("k"), beta: choice.number("beta"))
    default: return nil
    }
  }

  /// Whether the student's largest logits are asked for.
  var selects: Bool {
    switch self {
    case .graph, .tailAware: true
    default: false
    }
  }
}

/// Rows that stand together: those that count, in order.
struct GroupRows {
  /// The student's logits, capped where there is a cap. They are only read.
  let logits: [View<Float>]
  /// Where dL/dz goes, of L the sum over the rows.
  let gradients: [View<Float>]
  let targets: [RowTarget]
  let temperature: Double

  var count: Int { logits.count }

  /// q of a row in place of its gradient.
  func softmax(_ row: Int, _ scratch: LossScratch) -> RowSoftmax {
    let softmax = RowSoftmax(
      exponentiating: logits[row], into: gradients[row], temperature: temperature,
      scratch: scratch)
    softmax.normalize(gradients[row], scale: 1, scratch: scratch)
    return softmax
  }

  /// p of a row in place of the teacher's logits.
  func teacher(_ row: Int, _ scratch: LossScratch) -> View<Float> {
    guard let teacher = targets[row].teacher else { preconditionFailure("a teacher's logits") }
    let softmax = RowSoftmax(
      exponentiating: teacher, temperature: temperature, moments: true, scratch: scratch)
    softmax.normalize(teacher, scale: 1, scratch: scratch)
    return teacher
  }
}
