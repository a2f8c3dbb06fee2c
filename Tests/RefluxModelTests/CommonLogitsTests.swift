import Foundation
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxTargets
import Testing

/// A dense teacher whose table is padded to another size than the student's.
@Suite struct CommonLogitsTests {
  private let teacher: [Float] = [0.5, -1.25, 2, 0.75, 1.5]
  private let student: [Float] = [0.25, 1, -0.5, 0.125, 3]

  /// KL(p || q) and its gradient q - p, in float64, with p over the first ids of both.
  private func expected(_ p: [Float], _ q: [Float]) -> (loss: Double, gradient: [Double]) {
    func softmax(_ logits: [Float]) -> [Double] {
      let powers = logits.map { exp(Double($0)) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
    let own = softmax(q)
    let target = softmax(Array(p.prefix(q.count))) + Array(repeating: 0, count: q.count)
    let pairs = zip(target, own)
    return (
      pairs.reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) },
      zip(own, target).map { $0 - $1 }
    )
  }

  @Test(arguments: [(5, 3), (3, 5), (4, 4)])
  func isTheDistributionOverTheIDsThatBothHave(teacherIDs: Int, studentIDs: Int) {
    let arena = Arena()
    let (p, q) = (Array(teacher.prefix(teacherIDs)), Array(student.prefix(studentIDs)))
    let common = CommonLogits(rows: 2, teacher: teacherIDs, student: studentIDs, arena)
    for _ in 0..<2 {
      let rows = common.rows(2) { logits in
        for row in 0..<2 { logits.row(row).copy(from: p.span) }
      }
      let logits: View<Float> = arena.take(studentIDs)
      logits.copy(from: q.span)
      let divergence = RowLoss.forwardKL(from: .dense, vocabularySize: studentIDs, arena: arena)
      let loss = divergence.gradient(logits, RowTarget(teacher: rows.row(1))).loss
      let right = expected(p, q)
      #expect(abs(loss - right.loss) < 1e-6)
      for index in 0..<studentIDs {
        #expect(abs(Double(logits[index]) - right.gradient[index]) < 1e-6)
      }
    }
  }
}
