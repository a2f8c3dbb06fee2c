internal import RefluxLosses
internal import RefluxMemory
internal import RefluxTargets
internal import RefluxTraining

/// The loss of a training on the same rows, in float32, where there is one.
struct ObjectiveKernel {
  let loss: Double
  /// dL/dz, rows x V.
  let gradient: [[Double]]

  /// Nil for objectives whose rows stand together, and for those of no training.
  init?(_ objective: ObjectiveChoice, _ input: ReferenceInput) throws(LossError) {
    let size = input.student.first?.count ?? 0
    let arena = Arena()
    let memory = TargetMemory(size, Self.similar(objective, input.table, arena), arena)
    let kind = input.target.kind
    guard
      RowLoss.hasKernel(objective, kind),
      memory.fits(input.target)
    else { return nil }
    let loss = try RowLoss(objective, kind: kind, vocabularySize: size, arena: arena)
    let row: View<Float> = arena.take(size)
    var (sum, gradient): (Double, [[Double]]) = (0, [])
    let (counted, weights) = (input.counted, input.countedWeights)
    let total = weights.reduce(0, +)
    gradient = Array(repeating: Array(repeating: 0, count: size), count: input.student.count)
    for (index, weight) in zip(counted, weights) {
      let logits = input.student[index]
      for (place, logit) in logits.enumerated() { row[place] = Float(logit) }
      let target = memory.target(input.target, index, label: input.labels?[index])
      sum += weight * loss.gradient(row, target, scale: weight / total).loss
      for place in 0..<size { gradient[index][place] = Double(row[place]) }
    }
    withExtendedLifetime(arena) {}
    (self.loss, self.gradient) = (sum / total, gradient)
  }

  /// What stands for a teacher where there is a table; it was checked before.
  private static func similar(
    _ objective: ObjectiveChoice, _ table: [[Double]], _ arena: Arena
  ) -> SimilarityRows? {
    guard objective.name == .kdSim, let width = table.first?.count,
      let table = try? SimilarityTable(Array(table.joined()), width: width)
    else { return nil }
    return SimilarityRows(table, objective, rows: 1, arena: arena)
  }

  /// Room for one row's target.
  private struct TargetMemory {
    private let ids: View<UInt32>
    private let weights: View<Float>
    private let teacher: View<Float>
    private let similar: SimilarityRows?

    init(_ size: Int, _ similar: SimilarityRows?, _ arena: Arena) {
      self.similar = similar
      (ids, weights, teacher) = (arena.take(size), arena.take(size), arena.take(size))
    }

    /// Whether the teacher has the student's vocabulary.
    func fits(_ target: ReferenceTarget) -> Bool {
      guard case .dense(let logits) = target else { return true }
      return logits.allSatisfy { $0.count == teacher.count }
    }

    func target(_ target: ReferenceTarget, _ row: Int, label: Int?) -> RowTarget {
      var own = RowTarget(label: label)
      switch target {
      case .none:
        if let label { own.teacher = similar?.logits(1) { _ in label }.row(0) }
      case .dense(let logits):
        for (place, logit) in logits[row].enumerated() { teacher[place] = Float(logit) }
        own.teacher = teacher
      case .top(let sets), .drawn(let sets, _):
        let set = sets[row]
        for place in set.ids.indices {
          (ids[place], weights[place]) = (UInt32(set.ids[place]), Float(set.weights[place]))
        }
        own.set = SampleSet(
          ids: ids.slice(0, set.ids.count), weights: weights.slice(0, set.ids.count))
        for (scalar, value) in set.scalars { own.scalars[scalar] = value }
      }
      return own
    }
  }
}
