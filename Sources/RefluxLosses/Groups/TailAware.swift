internal import RefluxMemory
internal import RefluxTargets

/// TAD: KL of the teacher's k largest ids and one rest, plus beta_X t_R KL(rest of p || rest of q)
/// with beta_X = beta / (mean t_R of the rows): beta_X KL + (1 - beta_X) of the coarse KL.
struct TailAware {
  private let group: GroupRows
  private let scratch: LossScratch

  init(_ group: GroupRows, _ scratch: LossScratch) { (self.group, self.scratch) = (group, scratch) }

  func run(k: Int, beta: Double) -> Double {
    let heads = (0..<group.count).map { head($0, k) }
    for row in 0..<group.count { _ = group.teacher(row, scratch) }
    let rests = (0..<group.count).map { row in
      max(0, total(group.targets[row].teacher) - heads[row].reduce(0) { $0 + p(row, $1) })
    }
    let mean = rests.reduce(0, +) / Double(group.count)
    let weight = mean == 0 ? 0 : beta / mean
    return (0..<group.count).reduce(0) { $0 + differentiate($1, heads[$1], rests[$1], weight) }
  }

  private func head(_ row: Int, _ k: Int) -> [Int] {
    guard let teacher = group.targets[row].teacher else { return [] }
    let found = scratch.largest(min(k, teacher.count), of: teacher)
    return (0..<found.ids.count).map { Int(found.ids[$0]) }
  }

  private func p(_ row: Int, _ id: Int) -> Double { Double(group.targets[row].teacher?[id] ?? 0) }

  private func total(_ values: View<Float>?) -> Double {
    guard let values else { return 0 }
    var sum = 0.0
    for index in 0..<values.count { sum += Double(values[index]) }
    return sum
  }

  /// The gradient is weight (q - p) + (1 - weight) (q - p on the head, q (1 - t_R / q_R) off it).
  private func differentiate(
    _ row: Int, _ head: [Int], _ rest: Double, _ weight: Double
  ) -> Double {
    let softmax = group.softmax(row, scratch)
    guard let p = group.targets[row].teacher else { return 0 }
    let (z, q) = (group.logits[row], group.gradients[row])
    var (fine, coarse, own) = (0.0, 0.0, total(q))
    for id in 0..<q.count {
      fine += ReferenceShare.klTerm(Double(p[id]), softmax.logProbability(z[id]))
    }
    for id in head {
      coarse += ReferenceShare.klTerm(Double(p[id]), softmax.logProbability(z[id]))
      own -= Double(q[id])
    }
    own = max(own, .leastNormalMagnitude)
    coarse += ReferenceShare.klTerm(rest, log(own))
    let ratio = rest / own
    for id in 0..<q.count {
      let (a, b) = (Double(q[id]), Double(p[id]))
      q[id] = Float(weight * (a - b) + (1 - weight) * a * (1 - ratio))
    }
    for id in head {
      let a = exp(softmax.logProbability(z[id]))
      q[id] = Float(a - Double(p[id]))
    }
    return weight * fine + (1 - weight) * coarse
  }
}
