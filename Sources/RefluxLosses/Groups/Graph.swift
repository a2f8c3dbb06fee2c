internal import RefluxMemory
internal import RefluxTargets

/// Options of GLD.
struct GraphOptions: Sendable {
  enum Input: Sendable { case raw, probability, standard }
  let k: Int
  let input: Input
  /// c: 1 / k, or 1.
  let factor: Double

  init(_ choice: ObjectiveChoice) {
    k = choice.integer("k")
    input =
      choice.word("input") == "probability"
      ? .probability : choice.word("input") == "standard" ? .standard : .raw
    factor = choice.word("reduce") == "mean" ? 1 / Double(k) : 1
  }
}

/// GLD over a window: Z holds the k largest of each row, sorted; f = c Z^T (Z 1); L = sum |f - f'|
/// with both sorted. dL/dZ = c (r s^T + (Z s) 1^T), r the sums of the rows, s the signs of the
/// gaps. The gradient is of the kept logits alone.
///
/// - Complexity: O(k) for each row, and its selection.
struct Graph {
  private let options: GraphOptions
  private let group: GroupRows
  private let scratch: LossScratch

  /// The k largest of a row, in falling order.
  private struct Nodes {
    var ids: [Int]
    var values: [Double]
    var deviation = 1.0
    var sum: Double { values.reduce(0, +) }
  }

  init(_ options: GraphOptions, _ group: GroupRows, _ scratch: LossScratch) {
    (self.options, self.group, self.scratch) = (options, group, scratch)
  }

  func run() -> Double {
    let student = (0..<group.count).map { nodes(of: group.logits[$0]) }
    let teacher = (0..<group.count).map { row in
      group.targets[row].teacher.map { nodes(of: $0) } ?? nodes(of: group.targets[row])
    }
    let (f, other) = (features(student), features(teacher).sorted(by: >))
    let order = f.indices.sorted { f[$0] > f[$1] || f[$0] == f[$1] && $0 < $1 }
    var (loss, signs) = (0.0, [Double](repeating: 0, count: options.k))
    for (place, slot) in order.enumerated() {
      let gap = f[slot] - other[place]
      loss += abs(gap)
      signs[slot] = gap > 0 ? 1 : gap < 0 ? -1 : 0
    }
    for (row, nodes) in student.enumerated() { differentiate(row, nodes, signs) }
    return loss
  }

  private func features(_ rows: [Nodes]) -> [Double] {
    var features = [Double](repeating: 0, count: options.k)
    for nodes in rows {
      let sum = options.factor * nodes.sum
      for slot in nodes.values.indices { features[slot] += sum * nodes.values[slot] }
    }
    return features
  }

  private func nodes(of row: View<Float>) -> Nodes {
    let found = scratch.largest(min(options.k, row.count), of: row)
    let pairs = (0..<found.ids.count).map { (Int(found.ids[$0]), Double(found.logits[$0])) }
    let softmax = options.input == .probability ? RowSoftmax(reading: row, scratch: scratch) : nil
    return nodes(pairs, logSum: softmax?.logSumExp ?? 0)
  }

  /// Of a set: z = log p + log sum e^z.
  private func nodes(of target: RowTarget) -> Nodes {
    guard let set = target.set else { return Nodes(ids: [], values: []) }
    let sum = options.input == .raw ? target.scalars[.logsum] ?? 0 : 0
    let pairs = (0..<set.ids.count).map { place in
      (Int(set.ids[place]), log(Double(set.weights[place])) + sum)
    }
    return nodes(pairs, logSum: 0)
  }

  private func nodes(_ pairs: [(Int, Double)], logSum: Double) -> Nodes {
    let sorted = pairs.sorted { $0.1 > $1.1 || $0.1 == $1.1 && $0.0 < $1.0 }.prefix(options.k)
    let (ids, logits) = (sorted.map(\.0), sorted.map(\.1))
    switch options.input {
    case .raw: return Nodes(ids: ids, values: logits)
    case .probability: return Nodes(ids: ids, values: logits.map { exp($0 - logSum) })
    case .standard:
      let count = Double(max(ids.count, 1))
      let mean = logits.reduce(0, +) / count
      let deviation = (logits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
      let values = logits.map { deviation == 0 ? 0 : ($0 - mean) / deviation }
      return Nodes(ids: ids, values: values, deviation: deviation)
    }
  }

  private func differentiate(_ row: Int, _ nodes: Nodes, _ signs: [Double]) {
    let along = zip(nodes.values, signs).reduce(0) { $0 + $1.0 * $1.1 }
    let (sum, gradient) = (nodes.sum, group.gradients[row])
    let slopes = signs.map { options.factor * (sum * $0 + along) }
    switch options.input {
    case .raw:
      gradient.fill(0)
      for (id, slope) in zip(nodes.ids, slopes) { gradient[id] = Float(slope) }
    case .probability:
      // dL/dz = q (g - gbar), g 0 outside of the slots.
      let mean = zip(nodes.values, slopes).reduce(0) { $0 + $1.0 * $1.1 }
      let softmax = RowSoftmax(
        exponentiating: group.logits[row], into: gradient, temperature: 1, scratch: scratch)
      softmax.normalize(gradient, scale: -mean, scratch: scratch)
      for (place, id) in nodes.ids.enumerated() {
        gradient[id] = Float(nodes.values[place] * (slopes[place] - mean))
      }
    case .standard:
      gradient.fill(0)
      if nodes.deviation == 0 { return }
      let count = Double(slopes.count)
      let mean = slopes.reduce(0, +) / count
      let own = zip(slopes, nodes.values).reduce(0) { $0 + $1.0 * $1.1 } / count
      for (place, id) in nodes.ids.enumerated() {
        let slope = slopes[place] - mean - nodes.values[place] * own
        gradient[id] = Float(slope / nodes.deviation)
      }
    }
  }
}
