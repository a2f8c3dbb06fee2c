internal import Foundation

/// The ids that need a gradient of their own: the set's, then the label where it is not among them.
struct LossSet {
  let ids: View<UInt32>
  /// z and t, the latter without `uniform`.
  let logits: View<Float>
  let weights: View<Float>
  /// Ids of the set; those behind are the label alone.
  let setCount: Int
  let count: Int
  /// Mass that the target gives the set's ids before anything happens to the rest.
  let mass: Double
  /// Mass that every id of the vocabulary has besides.
  let uniform: Double
  let isGhost: Bool

  init(_ loss: SoftmaxLoss, _ target: LossTarget, label: Int?, row: View<Float>) {
    (ids, logits, weights) = (loss.ids, loss.logits, loss.weights)
    var rest: LossTarget.Remainder = .dropped
    switch target {
    case .label, .dense: setCount = 0
    case .counted(let source, let counts, let rounds):
      setCount = source.count
      ids.copy(from: source)
      for place in 0..<setCount { weights[place] = Float(counts[place]) / Float(rounds) }
    case .weighted(let source, let values, let remainder):
      setCount = source.count
      ids.copy(from: source)
      weights.copy(from: values)
      rest = remainder
    }
    let mass = (0..<setCount).reduce(0.0) { $0 + Double(loss.weights[$1]) }
    var labelPlace = setCount
    if let label {
      labelPlace = (0..<setCount).first { loss.ids[$0] == label } ?? setCount
      if labelPlace == setCount { (ids[setCount], weights[setCount]) = (UInt32(label), 0) }
    }
    count = max(setCount, label == nil ? 0 : labelPlace + 1)
    for place in 0..<count { logits[place] = row[Int(ids[place])] }
    self.mass = mass
    isGhost = rest == .ghost
    let left = max(0, 1 - mass)
    uniform = rest == .uniform ? left / Double(row.count) : 0
    if rest == .renormalized {
      for place in 0..<setCount { weights[place] = Float(Double(weights[place]) / mass) }
    } else if rest == .label {
      weights[labelPlace] += Float(left)
    }
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
    (0..<setCount).reduce(others) { $0.adding(logits[$1], at: Int(ids[$1])) }
  }

  /// The sum of the target's masses on all ids of a vocabulary.
  func total(_ vocabularySize: Int) -> Double {
    (0..<count).reduce(uniform * Double(vocabularySize)) { $0 + Double(weights[$1]) }
  }

  /// sum_j t_j (log t_j - z_j / T), where `sum` is that of all z.
  func terms(temperature: Double, sum: Double, vocabularySize: Int) -> Double {
    var terms = 0.0
    if uniform > 0 {
      let others = Double(vocabularySize - count)
      terms = others * uniform * log(uniform) - uniform * sum / temperature
    }
    for place in 0..<count {
      let (weight, mass) = (Double(weights[place]), Double(weights[place]) + uniform)
      if mass > 0 { terms += mass * log(mass) }
      if weight > 0 { terms -= weight * Double(logits[place]) / temperature }
    }
    return terms
  }
}
