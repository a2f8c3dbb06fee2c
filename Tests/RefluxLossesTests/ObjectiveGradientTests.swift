import NumericSupport
import RefluxTargets
import Testing

@testable import RefluxLosses

/// Gradients by the book against central differences of the loss, for every objective and kind.
struct ObjectiveGradientTests {
  /// Those whose weights are held constant have tests of their own.
  private static let cases = ObjectiveSamples.cases.filter {
    !$0.words.hasPrefix("akl") && !$0.words.hasPrefix("todi")
  }

  @Test(arguments: cases)
  func isTheDerivative(words: String, kind: TargetKind) throws {
    for seed in UInt64(1)...3 {
      let choice = try ObjectiveSamples.choice(words)
      let input = ObjectiveSamples(seed: seed).input(kind, of: choice)
      try expectDerivative(choice, input)
    }
  }

  /// Of a teacher's logits the temperature counts too.
  @Test(arguments: [
    "fullkd", "rkl", "jsd", "skew", "skew-rkl", "tvd", "ab", "dkd", "uld", "sinkd group=2",
    "dist inter=0.7 intra=0.4 group=2",
  ])
  func isTheDerivativeAtOtherTemperatures(words: String) throws {
    let choice = try ObjectiveSamples.choice(words + " temperature=1.7")
    try expectDerivative(choice, ObjectiveSamples(seed: 4).input(.dense, of: choice))
  }

  private func expectDerivative(_ choice: ObjectiveChoice, _ input: ReferenceInput) throws {
    let result = try LossReference.evaluate(choice, input)
    for row in input.student.indices {
      let expected = finiteDifferences(input.student[row], step: 1e-6) { logits in
        var moved = input
        moved.student[row] = logits
        return (try? LossReference.evaluate(choice, moved).loss) ?? .nan
      }
      for (found, difference) in zip(result.gradient[row], expected) {
        #expect(abs(found - difference) < 1e-8 * max(1, abs(found)), "\(choice), row \(row)")
      }
    }
  }

  /// L = w FKL + (1 - w) RKL, and so is its gradient with the same w.
  @Test(arguments: [TargetKind.dense, .topk])
  func adaptiveWeightsAreConstant(kind: TargetKind) throws {
    let choice = try ObjectiveSamples.choice("akl mu=0.3")
    let input = ObjectiveSamples(seed: 5).input(kind, of: choice)
    let result = try LossReference.evaluate(choice, input)
    let forward = try LossReference.evaluate(ObjectiveSamples.choice("rkl fkl=1"), input)
    let reverse = try LossReference.evaluate(ObjectiveSamples.choice("rkl"), input)
    for row in input.student.indices {
      let (f, r) = (forward.rows?[row] ?? .nan, reverse.rows?[row] ?? .nan)
      let w = ((result.rows?[row] ?? .nan) - r) / (f - r)
      #expect(w >= 0 && w <= 1)
      for id in input.student[row].indices {
        let expected = w * forward.gradient[row][id] + (1 - w) * reverse.gradient[row][id]
        #expect(abs(result.gradient[row][id] - expected) < 1e-9)
      }
    }
  }

  @Test func balancedWeightsAreConstant() throws {
    let choice = try ObjectiveSamples.choice("todi")
    let input = ObjectiveSamples(seed: 6).input(.dense, of: choice)
    let result = try LossReference.evaluate(choice, input)
    let samples = ObjectiveSamples(seed: 6)
    for row in input.student.indices {
      let p = ReferenceRow.softmax(samples.teacher[row])
      let q = ReferenceRow.softmax(samples.student[row])
      let w = zip(p, q).map { $0 / ($0 + $1) }
      let expected = finiteDifferences(input.student[row], step: 1e-6) { logits in
        let q = ReferenceRow.softmax(logits)
        return q.indices.reduce(0) { sum, j in
          let gap = logarithm(p[j] / q[j])
          return sum + w[j] * p[j] * gap - (1 - w[j]) * q[j] * gap
        } / Double(input.student.count)
      }
      for (found, difference) in zip(result.gradient[row], expected) {
        #expect(abs(found - difference) < 1e-8)
      }
    }
  }
}
