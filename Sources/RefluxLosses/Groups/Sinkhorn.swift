internal import RefluxMemory
internal import RefluxTargets

/// Options of SinKD.
struct SinkhornOptions: Sendable {
  let epsilon: Double
  let iterations: Int
  /// Whether the plan is held constant.
  let isDetached: Bool

  init(_ choice: ObjectiveChoice) {
    (epsilon, iterations) = (choice.number("epsilon"), choice.integer("iterations"))
    isDetached = choice.flag("detach")
  }
}

/// SinKD: W_ij = sum |q_i - p_j|, P = e^(-W / epsilon) with rows and columns divided by their sums
/// in turn; L = sum P W.
///
/// - Complexity: O(n G^2) for the plan; for W and the gradient O(G^2 k) from sets, whose ids
///   outside have p = 0, and O(G^2 V) from a teacher.
struct Sinkhorn {
  private let options: SinkhornOptions
  private let group: GroupRows
  private let scratch: LossScratch
  private let size: Int

  init(_ options: SinkhornOptions, _ group: GroupRows, _ scratch: LossScratch) {
    (self.options, self.group, self.scratch) = (options, group, scratch)
    size = group.count
  }

  func run() -> Double {
    for row in 0..<size {
      _ = group.softmax(row, scratch)
      if group.targets[row].teacher != nil { _ = group.teacher(row, scratch) }
    }
    let cost = (0..<size * size).map { self.cost($0 / size, $0 % size) }
    let plan = SinkhornPlan(cost, size: size, options)
    for row in 0..<size { differentiate(row, plan) }
    return plan.value(cost)
  }

  private func cost(_ i: Int, _ j: Int) -> Double {
    let q = group.gradients[i]
    if let p = group.targets[j].teacher { return distance(q, p) }
    guard let set = group.targets[j].set else { return 1 }
    var sum = 1.0
    for place in 0..<set.ids.count {
      let (own, t) = (q[Int(set.ids[place])], set.weights[place])
      sum += Double(abs(own - t) - own)
    }
    return sum
  }

  private func distance(_ q: View<Float>, _ p: View<Float>) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: q.count, by: 1024) {
      let end = min(start + 1024, q.count)
      var sum = Lanes()
      for index in stride(from: start, to: end, by: 16) {
        let gap = q.load(index, fill: 0) - p.load(index, fill: 0)
        sum += gap.replacing(with: -gap, where: gap .< 0)
      }
      total += Double(RefluxMemory.sum(sum))
    }
    return total
  }

  /// g_i = sum_j dL/dW_ij sign(q_i - p_j); dL/dz = q (g - gbar) / T.
  private func differentiate(_ i: Int, _ plan: SinkhornPlan) {
    let row = group.gradients[i]
    if group.targets[i].teacher != nil { return differentiateAll(i, plan) }
    // Outside of set j the sign is 1: what is left of it is a constant, which counts nothing.
    var (changes, mean): ([(id: Int, value: Float)], Double) = ([], 0)
    for j in 0..<size {
      guard let set = group.targets[j].set else { continue }
      let slope = plan.slopes[i * size + j]
      for place in 0..<set.ids.count {
        let id = Int(set.ids[place])
        let (q, t) = (row[id], set.weights[place])
        let change = -slope * (q > t ? 0 : q < t ? 2 : 1) * Double(q)
        mean += change
        changes.append((id, Float(change / group.temperature)))
      }
    }
    scratch.instructionSet.multiply(row, by: Float(-mean / group.temperature))
    for (id, value) in changes { row[id] += value }
  }

  private func differentiateAll(_ i: Int, _ plan: SinkhornPlan) {
    let (row, g) = (group.gradients[i], scratch.slopes.slice(0, group.gradients[i].count))
    g.fill(0)
    for j in 0..<size {
      guard let p = group.targets[j].teacher else { continue }
      let slope = Lanes(repeating: Float(plan.slopes[i * size + j]))
      for index in stride(from: 0, to: row.count, by: 16) {
        let gap = row.load(index, fill: 0) - p.load(index, fill: 0)
        var sign = Lanes().replacing(with: slope, where: gap .> 0)
        sign.replace(with: -slope, where: gap .< 0)
        g.storeSome(g.load(index, fill: 0) + sign, index)
      }
    }
    row.chain(g, temperature: group.temperature)
  }
}

/// The plan with the derivative of sum P W by W.
struct SinkhornPlan {
  private let plan: [Double]
  /// dL/dW, row by row.
  private(set) var slopes: [Double]
  private let size: Int

  init(_ cost: [Double], size: Int, _ options: SinkhornOptions) {
    self.size = size
    let kernel = cost.map { exp(-$0 / options.epsilon) }
    var plan = kernel
    var (sums, plans): ([[Double]], [[Double]]) = ([], [])
    for step in 0..<2 * options.iterations {
      let isRow = step % 2 == 0
      let own = Self.sums(plan, size, rows: isRow)
      for index in plan.indices { plan[index] /= own[isRow ? index / size : index % size] }
      if !options.isDetached {
        sums.append(own)
        plans.append(plan)
      }
    }
    (self.plan, slopes) = (plan, plan)
    if options.isDetached { return }
    var back = cost
    for step in sums.indices.reversed() {
      // A <- (A - sum(A P)) / s along the axis that was divided.
      let isRow = step % 2 == 0
      let means = Self.sums(
        back.indices.map { back[$0] * plans[step][$0] }, size, rows: isRow)
      for index in back.indices {
        let axis = isRow ? index / size : index % size
        back[index] = (back[index] - means[axis]) / sums[step][axis]
      }
    }
    for index in slopes.indices { slopes[index] -= back[index] * kernel[index] / options.epsilon }
  }

  private static func sums(_ matrix: [Double], _ size: Int, rows: Bool) -> [Double] {
    var sums = [Double](repeating: 0, count: size)
    for index in matrix.indices { sums[rows ? index / size : index % size] += matrix[index] }
    return sums
  }

  /// sum P W.
  func value(_ cost: [Double]) -> Double {
    plan.indices.reduce(0) { $0 + plan[$1] * cost[$1] }
  }
}

extension View<Float> {
  /// q (g - sum q g) / T in place of q.
  func chain(_ g: View<Float>, temperature: Double) {
    var mean = 0.0
    for index in 0..<count { mean += Double(self[index]) * Double(g[index]) }
    for index in 0..<count {
      self[index] = Float(Double(self[index]) * (Double(g[index]) - mean) / temperature)
    }
  }
}
