import Foundation

/// Losses by their definitions in float64, for targets that objectives are not given: an empty set,
/// or a mass above 1.
enum PlainLoss {
  /// log sum e^x and softmax.
  static func softmax(_ row: [Double]) -> (logSumExp: Double, probabilities: [Double]) {
    let high = row.max() ?? 0
    let exponentials = row.map { exp($0 - high) }
    let total = exponentials.reduce(0, +)
    return (high + log(total), exponentials.map { $0 / total })
  }

  static func crossEntropy(_ row: [Float], label: Int) -> (loss: Double, gradient: [Double]) {
    let (logSumExp, p) = softmax(row.map(Double.init))
    var gradient = p
    gradient[label] -= 1
    return (logSumExp - Double(row[label]), gradient)
  }

  /// L = sum t log(t / p) over the ids, dL/dx_j = a p_j - t_j.
  static func sparse(
    _ row: [Float], ids: [UInt32], weights: [Float]
  ) -> (loss: Double, gradient: [Double]) {
    let (logSumExp, p) = softmax(row.map(Double.init))
    let mass = weights.reduce(0) { $0 + Double($1) }
    var (loss, gradient) = (0.0, p.map { $0 * mass })
    for (id, weight) in zip(ids, weights) where weight > 0 {
      gradient[Int(id)] -= Double(weight)
      loss += Double(weight) * (log(Double(weight)) - Double(row[Int(id)]) + logSumExp)
    }
    return (loss, gradient)
  }

  /// The same with one bucket for the rest; of a mass above 1 nothing is left.
  static func ghost(
    _ row: [Float], ids: [UInt32], weights: [Float]
  ) -> (loss: Double, gradient: [Double]) {
    let (logSumExp, p) = softmax(row.map(Double.init))
    let kept = Set(ids)
    let others = row.indices.filter { !kept.contains(UInt32($0)) }
    let mass = weights.reduce(0) { $0 + Double($1) }
    let (left, rest) = (max(0, 1 - mass), others.reduce(0) { $0 + p[$1] })
    var gradient = p.map { $0 * max(mass, 1) }
    for other in others where left > 0 { gradient[other] *= 1 - left / rest }
    var loss = left > 0 ? left * log(left / rest) : 0
    for (id, weight) in zip(ids, weights) where weight > 0 {
      gradient[Int(id)] -= Double(weight)
      loss += Double(weight) * (log(Double(weight)) - Double(row[Int(id)]) + logSumExp)
    }
    return (loss, gradient)
  }

  /// sum t log(t / p) of two softmaxes.
  static func dense(_ row: [Float], teacher: [Float]) -> (loss: Double, gradient: [Double]) {
    let (student, target) = (softmax(row.map(Double.init)), softmax(teacher.map(Double.init)))
    var loss = 0.0
    for index in row.indices where target.probabilities[index] > 0 {
      let logarithm = Double(teacher[index]) - target.logSumExp
      loss += target.probabilities[index] * (logarithm - Double(row[index]) + student.logSumExp)
    }
    return (loss, zip(student.probabilities, target.probabilities).map { $0 - $1 })
  }
}
