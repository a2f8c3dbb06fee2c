internal import CRows
internal import RefluxMemory
internal import RefluxTargets

/// The ids that need a gradient of their own: the set's, then the label where it is not among them.
struct LossSet {
  let ids: View<UInt32>
  /// z and t, the latter without `uniform`.
  let logits: View<Float>
  let weights: View<Float>
  /// Ids of the set; those after them are the label alone.
  let setCount: Int
  let count: Int
  /// Where the label is among the ids.
  let labelPlace: Int?
  /// Mass that the target gives the set's ids before anything happens to the rest.
  let mass: Double
  /// Mass that every id of the vocabulary has besides.
  let uniform: Double
  let isGhost: Bool
  private let sums: crows_set_sums

  init(_ loss: SoftmaxLoss, _ target: LossTarget, label: Int?, row: View<Float>) {
    (ids, logits, weights) = (loss.ids, loss.logits, loss.weights)
    let (setCount, rest) = Self.copy(target, to: loss)
    let place = label.map { label in
      (0..<setCount).first { loss.ids[$0] == label } ?? setCount
    }
    if let label, place == setCount {
      (ids[setCount], weights[setCount]) = (UInt32(label), 0)
    }
    count = max(setCount, place.map { $0 + 1 } ?? 0)
    (self.setCount, labelPlace) = (setCount, place)
    let before = Self.sums(loss, row, count, uniform: 0)
    let left = max(0, 1 - before.mass)
    mass = before.mass
    isGhost = rest == .ghost
    uniform = rest == .uniform ? left / Double(row.count) : 0
    if rest == .renormalized {
      for index in 0..<setCount { weights[index] = Float(Double(weights[index]) / mass) }
    } else if let place, rest == .label {
      weights[place] += Float(left)
    }
    let isChanged = [.uniform, .renormalized, .label].contains(rest)
    sums = isChanged ? Self.sums(loss, row, count, uniform: uniform) : before
  }

  /// Copies a target's ids and weights, and says what happens to the rest.
  private static func copy(
    _ target: LossTarget, to loss: SoftmaxLoss
  ) -> (count: Int, rest: Remainder) {
    switch target {
    case .label, .dense: return (0, .dropped)
    case .counted(let ids, let counts, let rounds):
      loss.ids.copy(from: ids)
      let share = Float(rounds)
      for place in 0..<ids.count { loss.weights[place] = Float(counts[place]) / share }
      return (ids.count, .dropped)
    case .weighted(let ids, let weights, let rest):
      loss.ids.copy(from: ids)
      loss.weights.copy(from: weights)
      return (ids.count, rest)
    }
  }

  private static func sums(
    _ loss: SoftmaxLoss, _ row: View<Float>, _ count: Int, uniform: Double
  ) -> crows_set_sums {
    SparseSet.sums(
      row, loss.ids.slice(0, count), loss.weights.slice(0, count), uniform: Float(uniform),
      logits: loss.logits, loss.scratch.instructionSet)
  }

  /// Sets the set's logits in the row to -infinity.
  func mask(_ row: View<Float>) {
    for place in 0..<setCount { row[Int(ids[place])] = -.infinity }
  }

  /// Puts them back.
  func unmask(_ row: View<Float>) {
    for place in 0..<setCount { row[Int(ids[place])] = logits[place] }
  }

  /// The softmax of a row whose set was masked, with the set back in.
  func joined(to others: RowSoftmax) -> RowSoftmax {
    others.adding(logits.slice(0, setCount), at: ids.slice(0, setCount))
  }

  /// The sum of the target's masses on all ids of a vocabulary.
  func total(_ vocabularySize: Int) -> Double { sums.mass + uniform * Double(vocabularySize) }

  /// sum_j t_j (log t_j - z_j / T), where `sum` is that of all z.
  func terms(temperature: Double, sum: Double, vocabularySize: Int) -> Double {
    let terms = sums.entropy - sums.cross / temperature
    if uniform == 0 { return terms }
    let others = Double(vocabularySize - count) * uniform * log(uniform)
    return terms + others - uniform * sum / temperature
  }
}
