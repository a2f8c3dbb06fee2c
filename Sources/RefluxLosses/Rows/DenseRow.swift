internal import RefluxMemory
internal import RefluxTargets

/// Objectives on all logits of a teacher that are no sum of a divergence over pairs.
enum DenseRow: Sendable {
  /// LBF: share p + (1 - share) e_y; the form `code` without the mixture's own entropy.
  case fused(share: Double, isCode: Bool)
  case labelShare
  /// The label, then all ids by the teacher's order; at a temperature of the teacher.
  case plackettLuce(tau: Double)
  case decoupled(DecoupledTarget)
  case universal
  case adaptive(mu: Double)
  case correlation(weight: Double)
  case squares(isCentred: Bool)
  case dualHead(tau: Double, weight: Double)

  init?(_ choice: ObjectiveChoice) {
    switch choice.name {
    case .lbf:
      let isCode = choice.word("form") == "code"
      self = .fused(share: isCode ? 0.1 : 0.5, isCode: isCode)
    case .kdPT: self = .labelShare
    case .pld: self = .plackettLuce(tau: choice.number("tau"))
    case .dkd: self = .decoupled(DecoupledTarget(choice, isDrawn: false))
    case .uld: self = .universal
    case .akl: self = .adaptive(mu: choice.number("mu"))
    case .dist: self = .correlation(weight: choice.number("inter"))
    case .mse: self = .squares(isCentred: choice.flag("centred"))
    case .dhkd: self = .dualHead(tau: choice.number("tau"), weight: choice.number("weight"))
    default: return nil
    }
  }

  /// Whether logits are compared, not probabilities.
  var isOfLogits: Bool {
    switch self {
    case .squares, .dualHead: true
    default: false
    }
  }

  /// T of the teacher where it is not the student's.
  var teacherTemperature: Double? {
    if case .plackettLuce(let tau) = self { tau } else { nil }
  }
}

extension RowLoss {
  func other(
    _ objective: DenseRow, _ row: View<Float>, _ teacher: View<Float>, _ terms: RowTerms,
    _ sum: inout GradientSum
  ) -> DenseResult {
    let values = work[1].slice(0, row.count)
    var target = RowSoftmax(reading: teacher, scratch: scratch)
    if !objective.isOfLogits {
      let t = objective.teacherTemperature ?? temperature
      target = RowSoftmax(exponentiating: teacher, temperature: t, moments: true, scratch: scratch)
      target.normalize(teacher, scale: 1, scratch: scratch)
    }
    let student = RowSoftmax(
      exponentiating: row, into: values, temperature: temperature, scratch: scratch)
    student.normalize(values, scale: 1, scratch: scratch)
    var pair = DensePair(
      z: row, q: values, p: teacher, label: terms.target.label ?? 0, softmax: student)
    var result = DenseResult(student, target)
    result.loss = pair.apply(objective, self)
    result.isCapped = pair.isCapped
    result.agrees = objective.isOfLogits || student.argMax == target.argMax
    sum.add(values, times: terms.pull)
    return result
  }
}

/// Probabilities q and p of a row on both sides, or the teacher's logits in place of p.
struct DensePair {
  /// The student's logits.
  let z: View<Float>
  /// q; becomes T dL/dz.
  let q: View<Float>
  let p: View<Float>
  let label: Int
  let softmax: RowSoftmax
  var isCapped = false

  var size: Int { q.count }

  /// log q of an id, exact where q underflows.
  func log(at id: Int) -> Double { softmax.logProbability(z[id]) }

  /// The loss; q becomes T dL/dz.
  mutating func apply(_ objective: DenseRow, _ loss: RowLoss) -> Double {
    switch objective {
    case .fused(let share, let isCode): fused(share, isCode)
    case .labelShare: labelShare()
    case .plackettLuce: plackettLuce()
    case .decoupled(let target): decoupled(target)
    case .universal: universal()
    case .adaptive(let mu): adaptive(mu, loss)
    case .correlation(let weight): correlation(weight)
    case .squares(let isCentred): squares(isCentred)
    case .dualHead(let tau, let weight): dualHead(tau, weight)
    }
  }

  /// q_j (g_j - gbar) in place of q, where `g` is dL/dq_j.
  private func chain(_ g: (Int) -> Double) {
    var mean = 0.0
    for id in 0..<size { mean += Double(q[id]) * g(id) }
    for id in 0..<size { q[id] = Float(Double(q[id]) * (g(id) - mean)) }
  }

  private func entropyTerm(_ t: Double, _ log: Double) -> Double {
    isNothing(t) ? 0 : t * (RefluxMemory.log(t) - log)
  }

  /// Whether a probability is at most what passes leave of an id that cannot be.
  private func isNothing(_ t: Double) -> Bool { t <= 0x1p-100 }

  private func fused(_ share: Double, _ isCode: Bool) -> Double {
    var total = 0.0
    for id in 0..<size {
      let own = id == label ? 1 - share : 0
      let t = share * Double(p[id]) + own
      if isCode {
        total += share * entropyTerm(Double(p[id]), log(at: id))
        if id == label { total -= own * log(at: id) }
      } else {
        total += entropyTerm(t, log(at: id))
      }
      q[id] -= Float(t)
    }
    return total
  }

  private func labelShare() -> Double {
    let own = Double(p[label])
    let rest = size == 1 ? 0 : (1 - own) / Double(size - 1)
    var total = 0.0
    for id in 0..<size {
      let t = id == label ? own : rest
      total += entropyTerm(t, log(at: id))
      q[id] -= Float(t)
    }
    return total
  }

  /// Ids by descending value, of equal ones the lower first.
  ///
  /// - Complexity: O(V log V), with an array of V ids.
  private func order(_ values: View<Float>) -> [Int32] {
    (0..<Int32(size)).sorted {
      let (a, b) = (values[Int($0)], values[Int($1)])
      return a > b || a == b && $0 < $1
    }
  }

  private func plackettLuce() -> Double {
    let chain = [Int32(label)] + order(p).filter { Int($0) != label }
    var masses = [Double](repeating: 0, count: size)
    var after = 0.0
    for place in stride(from: size - 1, through: 0, by: -1) {
      after += Double(q[Int(chain[place])])
      masses[place] = after
    }
    var (total, slope) = (0.0, 0.0)
    for place in 0..<size {
      let id = Int(chain[place])
      let alpha = Double(p[id])
      if !isNothing(alpha) {
        total += alpha * (RefluxMemory.log(masses[place]) - log(at: id))
        slope += alpha / masses[place]
      }
      q[id] = Float(Double(q[id]) * slope - alpha)
    }
    return total
  }

  private mutating func decoupled(_ target: DecoupledTarget) -> Double {
    let (own, log) = (Double(p[label]), log(at: label))
    var (others, rest) = (0.0, 0.0)
    for id in 0..<size where id != label {
      others += Double(q[id])
      rest += Double(p[id])
    }
    let factor = target.factor(1 - rest)
    isCapped = rest > 0 && 1 / rest > target.cap
    let (beta, gap) = (target.beta ?? rest, exp(log) - own)
    var divergence = 0.0
    let logOthers = RefluxMemory.log(others)
    for id in 0..<size where id != label {
      let u = Double(p[id]) * factor
      divergence += entropyTerm(u, self.log(at: id) - logOthers)
      let share = Double(q[id]) / others
      q[id] = Float(beta * (rest * factor * share - u) - target.alpha * gap * share)
    }
    q[label] = Float(target.alpha * gap)
    let binary = entropyTerm(own, log) + entropyTerm(rest, logOthers)
    return target.alpha * binary + beta * divergence
  }

  private func universal() -> Double {
    let (own, other) = (order(q), order(p))
    var total = 0.0
    var signs = [Float](repeating: 0, count: size)
    for rank in 0..<size {
      let gap = q[Int(own[rank])] - p[Int(other[rank])]
      total += Double(abs(gap))
      signs[Int(own[rank])] = gap > 0 ? 1 : gap < 0 ? -1 : 0
    }
    chain { Double(signs[$0]) }
    return total
  }

  private func adaptive(_ mu: Double, _ loss: RowLoss) -> Double {
    var (mass, head, all) = (0.0, 0.0, 0.0)
    for id in 0..<size { all += Double(abs(p[id] - q[id])) }
    for (rank, id) in order(p).enumerated() {
      mass += Double(p[Int(id)])
      if rank > 0 && mass > mu { break }
      head += Double(abs(p[Int(id)] - q[Int(id)]))
    }
    let divergence = Divergence(.mixed(all == 0 ? 0.5 : head / all))
    let found = divergence.apply(student: q, teacher: p, scratch: loss.scratch)
    for id in 0..<size { q[id] -= Float(found.slope) * p[id] }
    return found.loss
  }

  private func correlation(_ weight: Double) -> Double {
    var (product, own, other, mass) = (0.0, 0.0, 0.0, 0.0)
    for id in 0..<size {
      let (a, b) = (Double(q[id]), Double(p[id]))
      product += a * b
      own += a * a
      other += b * b
      mass += b
    }
    let count = Double(size)
    let norm = max(0, own - 1 / count).squareRoot()
    let length = max(0, other - mass * mass / count).squareRoot()
    let divisor = norm * length + 1e-8
    let value = (product - mass / count) / divisor
    let along = norm == 0 ? 0 : value * length / norm / divisor
    chain { weight * (along * Double(q[$0]) - Double(p[$0]) / divisor) }
    return weight * (1 - value)
  }

  private func gap(_ id: Int) -> Double { z[id] == p[id] ? 0 : Double(z[id]) - Double(p[id]) }

  /// The mean over V of the squared gaps of logits.
  private func squares(_ isCentred: Bool) -> Double {
    var mean = 0.0
    if isCentred {
      for id in 0..<size { mean += gap(id) }
      mean /= Double(size)
    }
    var total = 0.0
    for id in 0..<size {
      let gap = gap(id) - mean
      total += gap * gap
      q[id] = Float(2 * gap / Double(size))
    }
    return total / Double(size)
  }

  /// tau^2 sum log cosh((z - z') / (2 tau)).
  private func dualHead(_ tau: Double, _ weight: Double) -> Double {
    var total = 0.0
    for id in 0..<size {
      let half = gap(id) / (2 * tau)
      // log cosh x = |x| + log(1 + e^(-2|x|)) - log 2; tanh from the same exponential.
      let small = exp(-2 * abs(half))
      total += abs(half) + log1p(small) - RefluxMemory.log(2.0)
      let slope = (1 - small) / (1 + small)
      q[id] = Float(weight * tau / 2 * (half < 0 ? -slope : slope))
    }
    return weight * tau * tau * total
  }
}
