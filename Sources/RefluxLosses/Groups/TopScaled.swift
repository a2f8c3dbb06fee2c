internal import RefluxMemory
internal import RefluxTargets

/// Options of TopKD.
struct TopScaledOptions: Sendable {
  let k: Int
  let factor: Double
  let labelFactor: Double
  let shift: Double
  let alpha: Double
  let beta: Double
  let tau: Double

  init(_ choice: ObjectiveChoice) {
    k = choice.integer("k")
    (factor, labelFactor) = (choice.number("w"), choice.number("w_label"))
    (shift, tau) = (choice.number("shift"), choice.number("tau"))
    (alpha, beta) = (choice.number("alpha"), choice.number("beta"))
  }
}

/// TopKD: the contrast of the group's rows, and 1 less cosines of z with the scaled z'.
///
/// - Complexity: O(G V) for each row, and two sorts of V.
struct TopScaled {
  private let options: TopScaledOptions
  private let group: GroupRows
  private let scratch: LossScratch

  init(_ options: TopScaledOptions, _ group: GroupRows, _ scratch: LossScratch) {
    (self.options, self.group, self.scratch) = (options, group, scratch)
  }

  func run() -> Double {
    var loss = contrast()
    for row in 0..<group.count { loss += addCosines(row) }
    return loss
  }

  // MARK: Contrast

  /// Half the cross-entropy of S = z z'^T / tau with its diagonal, by rows and by columns.
  private func contrast() -> Double {
    let rows = 0..<group.count
    let products = rows.map { i in rows.map { j in product(i, j) / options.tau } }
    let byRow = products.map { ReferenceRow.logSoftmax($0) }
    let byColumn = rows.map { j in ReferenceRow.logSoftmax(rows.map { products[$0][j] }) }
    var loss = 0.0
    for i in rows {
      group.gradients[i].fill(0)
      loss -= 0.5 * (byRow[i][i] + byColumn[i][i])
      for j in rows {
        let slope = exp(byRow[i][j]) + exp(byColumn[j][i]) - (i == j ? 2 : 0)
        add(j, times: slope / (2 * options.tau), to: group.gradients[i])
      }
    }
    return loss
  }

  private func product(_ i: Int, _ j: Int) -> Double {
    guard let teacher = group.targets[j].teacher else { return 0 }
    var sum = 0.0
    for id in 0..<teacher.count { sum += Double(group.logits[i][id]) * Double(teacher[id]) }
    return sum
  }

  private func add(_ row: Int, times factor: Double, to gradient: View<Float>) {
    guard let teacher = group.targets[row].teacher else { return }
    for id in 0..<teacher.count { gradient[id] += Float(factor * Double(teacher[id])) }
  }

  // MARK: Cosines

  private func order(_ values: [Double]) -> [Int] { ReferenceRow.order(values) }

  private func addCosines(_ row: Int) -> Double {
    let scaled = scaled(row)
    let order = order(scaled)
    let k = min(options.k, order.count / 2)
    var loss = 1.0
    for (ids, weight) in [
      (order.prefix(k), options.alpha), (order.suffix(k), options.beta),
      (order.dropFirst(k).dropLast(k), 1),
    ] { loss -= weight * addCosine(row, ids, scaled, weight) }
    return loss
  }

  /// u.v / (|u| |v|) over some ids, whose derivative by u is taken off; 0 where either vanishes.
  private func addCosine(
    _ row: Int, _ ids: ArraySlice<Int>, _ v: [Double], _ weight: Double
  ) -> Double {
    let (z, gradient) = (group.logits[row], group.gradients[row])
    var (product, norm, length) = (0.0, 0.0, 0.0)
    for id in ids {
      product += Double(z[id]) * v[id]
      norm += Double(z[id]) * Double(z[id])
      length += v[id] * v[id]
    }
    let divisor = (norm * length).squareRoot()
    if divisor < 1e-8 { return 0 }
    let value = product / divisor
    for id in ids {
      gradient[id] -= Float(weight * (v[id] / divisor - value * Double(z[id]) / norm))
    }
    return value
  }

  /// The k largest of z' times a factor from w down to 1, plus a share of the gap of means; the
  /// label's times its own where it is not the first.
  private func scaled(_ row: Int) -> [Double] {
    guard let teacher = group.targets[row].teacher else { return [] }
    var scaled = (0..<teacher.count).map { Double(teacher[$0]) }
    let order = order(scaled)
    let (top, rest) = (order.prefix(options.k), order.dropFirst(options.k))
    func mean(_ ids: ArraySlice<Int>) -> Double {
      ids.isEmpty ? 0 : ids.reduce(0) { $0 + Double(teacher[$1]) } / Double(ids.count)
    }
    let shift = rest.isEmpty ? 0 : options.shift * (mean(top) - mean(rest))
    let (w, steps) = (options.factor, Double(max(top.count - 1, 1)))
    for (rank, id) in top.enumerated() {
      scaled[id] = Double(teacher[id]) * (w + (1 - w) * Double(rank) / steps) + shift
    }
    if let label = group.targets[row].label, order.first != label {
      scaled[label] = Double(teacher[label]) * options.labelFactor + shift
    }
    return scaled
  }
}
