import Foundation
import RefluxEvaluation
import RefluxMemory
import RefluxRandom
import Testing

struct DrawingRuleTests {
  private let arena = Arena()

  private func distribution(_ rule: DrawingRule, _ logits: [Float]) -> [Double] {
    let row: View<Float> = arena.take(logits.count)
    row.copy(from: logits.span)
    var p = [Double](repeating: .nan, count: logits.count)
    rule.fill(&p, from: row)
    return p
  }

  private func expectNear(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-6, "\(found), \(expected)") }
  }

  /// Logits of 0.4, 0.3, 0.2, 0.08, 0.02 in some order.
  private let logits: [Float] = [0.2, 0.4, 0.02, 0.3, 0.08].map { Float(log($0)) + 5 }

  @Test func withoutFiltersItIsTheModelsDistribution() {
    expectNear(distribution(DrawingRule(temperature: 1), logits), [0.2, 0.4, 0.02, 0.3, 0.08])
  }

  @Test func temperatureIsAnExponent() {
    let squares = [0.04, 0.16, 0.0004, 0.09, 0.0064]
    let total = squares.reduce(0, +)
    expectNear(distribution(DrawingRule(temperature: 0.5), logits), squares.map { $0 / total })
    expectNear(distribution(DrawingRule(temperature: 0), logits), [0, 1, 0, 0, 0])
    expectNear(distribution(DrawingRule(temperature: 0), [1, 3, 3]), [0, 1, 0])
  }

  @Test func filtersKeepTheLikelyIDs() {
    func filtered(topK: Int = 0, topP: Double = 1, minP: Double = 0) -> [Double] {
      distribution(DrawingRule(temperature: 1, topK: topK, topP: topP, minP: minP), logits)
    }
    expectNear(filtered(topK: 2), [0, 4 / 7.0, 0, 3 / 7.0, 0])
    expectNear(filtered(topK: 1), [0, 1, 0, 0, 0])
    expectNear(filtered(topK: 5), filtered())
    expectNear(filtered(topK: 50), filtered())
    expectNear(filtered(topP: 0.39), [0, 1, 0, 0, 0])
    expectNear(filtered(topP: 0.69), [0, 4 / 7.0, 0, 3 / 7.0, 0])
    expectNear(filtered(topP: 0.71), [2 / 9.0, 4 / 9.0, 0, 3 / 9.0, 0])
    expectNear(filtered(topP: 0.999), filtered())
    expectNear(filtered(minP: 0.49), [2 / 9.0, 4 / 9.0, 0, 3 / 9.0, 0])
    expectNear(filtered(minP: 0.51), [0, 4 / 7.0, 0, 3 / 7.0, 0])
    // One after the other: of the top three 0.8 is reached by two, as 7/9 falls short of it.
    expectNear(filtered(topK: 3, topP: 0.77), [0, 4 / 7.0, 0, 3 / 7.0, 0])
    expectNear(filtered(topK: 3, topP: 0.78), [2 / 9.0, 4 / 9.0, 0, 3 / 9.0, 0])
  }

  /// Against the definition by sorting, for many sizes and sums.
  @Test(arguments: [1, 2, 10, 1000], [0.01, 0.5, 0.9, 0.999])
  func topPIsTheShortestPrefix(count: Int, topP: Double) {
    var random = RandomStream(seed: 70, stream: UInt64(count))
    let logits = (0..<count).map { _ in Float(3 * random.nextNormal()) }
    let plain = distribution(DrawingRule(temperature: 1), logits)
    let found = distribution(DrawingRule(temperature: 1, topP: topP), logits)
    let order = plain.indices.sorted { plain[$0] > plain[$1] }
    var (kept, total) = ([Int](), 0.0)
    for id in order where total < topP {
      kept.append(id)
      total += plain[id]
    }
    var expected = [Double](repeating: 0, count: count)
    for id in kept { expected[id] = plain[id] / total }
    expectNear(found, expected)
  }

  @Test func drawsFollowTheProbabilities() {
    let p = [0.5, 0, 0.2, 0.3, 0]
    var random = RandomStream(seed: 71, stream: 0)
    var counts = [Int](repeating: 0, count: 5)
    for _ in 0..<20_000 { counts[DrawingRule.draw(p, &random)] += 1 }
    #expect(counts[1] == 0 && counts[4] == 0)
    #expect(chiSquare(counts, p) < limit(degrees: 2))
  }

  // MARK: Speculation

  /// Ids that a draft proposes and a judge takes or replaces are distributed as the judge's.
  @Test(arguments: 0..<6)
  func judgedIDsFollowTheJudge(trial: Int) {
    var random = RandomStream(seed: 72, stream: UInt64(trial))
    func weights() -> [Double] {
      let values = (0..<12).map { _ in exp(1.5 * random.nextNormal()) }
      let total = values.reduce(0, +)
      return values.map { $0 / total }
    }
    var (p, q) = (weights(), weights())
    if trial == 4 { q = p }
    if trial == 5 { (p, q) = (p.map { $0 == p.max() ? 1 : 0 }, q) }
    var (counts, accepted) = ([Int](repeating: 0, count: 12), 0)
    let draws = 60_000
    for _ in 0..<draws {
      let proposal = DrawingRule.draw(q, &random)
      let judged = SpeculativeSampling.judge(proposal, p, q, &random)
      counts[judged.id] += 1
      if judged.isAccepted { accepted += 1 }
      #expect(!judged.isAccepted || judged.id == proposal)
    }
    #expect(chiSquare(counts, p) < limit(degrees: 11))
    // The acceptance is the overlap of the two.
    let overlap = zip(p, q).reduce(0) { $0 + min($1.0, $1.1) }
    let deviation = (overlap * (1 - overlap) / Double(draws)).squareRoot()
    #expect(abs(Double(accepted) / Double(draws) - overlap) <= 4 * deviation + 1e-9)
  }
}

/// sum (count - expected)^2 / expected over the ids that can occur; others must not have.
func chiSquare(_ counts: [Int], _ p: [Double]) -> Double {
  let total = Double(counts.reduce(0, +))
  return zip(counts, p).reduce(0) { sum, pair in
    let expected = total * pair.1
    if expected == 0 { return pair.0 == 0 ? sum : .infinity }
    return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
  }
}

/// Exceeded by chance about once in 30,000 times (Wilson and Hilferty's approximation).
func limit(degrees: Int) -> Double {
  let share = 2 / (9 * Double(degrees))
  let root = 1 - share + 4 * share.squareRoot()
  return Double(degrees) * root * root * root
}
