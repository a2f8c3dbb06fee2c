internal import RefluxLosses
internal import RefluxMemory
internal import RefluxTargets

/// The loss of a training on the same rows, in float32, where there is one.
struct ObjectiveKernel {
  let loss: Double
  /// dL/dz, rows x V.
  let gradient: [[Double]]

  /// Nil for objectives that no training has.
  init?(_ objective: ObjectiveChoice, _ input: ReferenceInput) throws(LossError) {
    guard let rest = objective.name.remainder else { return nil }
    let size = input.student.first?.count ?? 0
    var options = LossOptions()
    options.temperature = objective.temperature
    let arena = Arena()
    let loss = try SoftmaxLoss(options: options, vocabularySize: size, arena: arena)
    let row: View<Float> = arena.take(size)
    let memory = TargetMemory(size, arena)
    var (sum, gradient): (Double, [[Double]]) = (0, [])
    let count = Double(input.student.count)
    for (index, logits) in input.student.enumerated() {
      for (place, logit) in logits.enumerated() { row[place] = Float(logit) }
      sum += try loss.gradient(
        row, label: input.labels?[index], target: memory.target(input.target, index, rest),
        scale: 1 / count
      ).loss
      gradient.append((0..<size).map { Double(row[$0]) })
    }
    withExtendedLifetime(arena) {}
    (self.loss, self.gradient) = (sum / count, gradient)
  }

  /// Room for one row's target.
  private struct TargetMemory {
    private let ids: View<UInt32>
    private let weights: View<Float>
    private let teacher: View<Float>

    init(_ size: Int, _ arena: Arena) {
      (ids, weights, teacher) = (arena.take(size), arena.take(size), arena.take(size))
    }

    func target(_ target: ReferenceTarget, _ row: Int, _ rest: Remainder) -> LossTarget {
      switch target {
      case .none: return .label
      case .dense(let logits):
        for (place, logit) in logits[row].enumerated() { teacher[place] = Float(logit) }
        return .dense(teacher)
      case .top(let sets), .drawn(let sets, _):
        let pairs = zip(sets[row].ids, sets[row].weights).sorted { $0.0 < $1.0 }
        for (place, (id, weight)) in pairs.enumerated() {
          (ids[place], weights[place]) = (UInt32(id), Float(weight))
        }
        return .weighted(
          ids: ids.slice(0, pairs.count), weights: weights.slice(0, pairs.count), rest)
      }
    }
  }
}
