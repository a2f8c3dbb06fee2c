import Foundation
import NumericSupport
import TestSupport
import Testing

@testable import RefluxLosses

/// Losses of links and scores of candidates against `References/make_selection.py`.
struct SelectionScoreTests {
  private struct References: Decodable {
    struct Links: Decodable {
      var student, teacher: [[Double]]
      var margin, llpD, llpR, bce, loss: Double
      var edges: [Double]
      var labels: [Int]
      var llpDGradient, llpRGradient: [[Double]]
    }
    struct Pool: Decodable {
      var teacher: [[Double?]]
      var student, means: [[Double]]
      var entropy, studentEntropy, kl4: [Double]
      var stddev: Double
    }
    var llp: Links
    var pool: Pool
  }

  private let references: References

  init() throws {
    let path = RepositoryFolder.file("Tests/RefluxLossesTests/References/selection.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    references = try decoder.decode(
      References.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func expectEqual(
    _ found: [Double], _ expected: [Double], location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (one, other) in zip(found, expected) {
      #expect(abs(one - other) < 1e-12, sourceLocation: location)
    }
  }

  // MARK: Links

  @Test func linksAreThoseOfTheReference() throws {
    let links = references.llp
    let objective = try ObjectiveChoice("llp", options: ["margin=\(links.margin)"])
    let input = ReferenceInput(student: links.student, target: .dense(links.teacher))
    let parts = try LossReference.links(
      objective, input, edges: links.edges, labels: links.labels)
    expectEqual(
      [parts.scores, parts.ranks, try #require(parts.edges), parts.loss],
      [links.llpD, links.llpR, links.bce, links.loss])
    let rows = Double(links.student.count)
    for (row, (student, teacher)) in zip(links.student, links.teacher).enumerated() {
      let kl = ScoreKL.evaluate(student: student, teacher: teacher)
      expectEqual(kl.gradient.map { $0 / rows }, links.llpDGradient[row])
      let ranks = RankedPairs.evaluate(student: student, teacher: teacher, margin: links.margin)
      expectEqual(ranks.gradient.map { $0 / rows }, links.llpRGradient[row])
    }
  }

  /// r changes its sign with the order of a pair: reversed scores give reversed gradients.
  @Test func ranksAreAntisymmetric() {
    let links = references.llp
    for (student, teacher) in zip(links.student, links.teacher) {
      let one = RankedPairs.evaluate(student: student, teacher: teacher, margin: links.margin)
      let other = RankedPairs.evaluate(
        student: student.reversed(), teacher: teacher.reversed(), margin: links.margin)
      #expect(abs(one.loss - other.loss) < 1e-12)
      expectEqual(one.gradient, other.gradient.reversed())
    }
  }

  @Test func ranksAtTheirLimits() {
    let scores = [0.1, 0.4, 0.8]
    let same = RankedPairs.evaluate(student: scores, teacher: scores, margin: 0.1)
    #expect(same.loss == 0 && same.gradient == [0, 0, 0])
    let tied = RankedPairs.evaluate(student: scores, teacher: [0.5, 0.5, 0.5], margin: 0.1)
    #expect(abs(tied.loss - 0.1) < 1e-15 && tied.gradient == [0, 0, 0])
    #expect(ScoreKL.evaluate(student: scores, teacher: scores).loss == 0)
  }

  // MARK: Scores

  @Test func scoresAreThoseOfTheReference() {
    let pool = references.pool
    let teacher = pool.teacher.map { $0.map { $0 ?? -.infinity } }
    expectEqual(teacher.map { ReferenceScores.entropy($0) }, pool.entropy)
    expectEqual(pool.student.map { ReferenceScores.entropy($0) }, pool.studentEntropy)
    let divergences = zip(teacher, pool.student).map {
      ReferenceScores.divergence(teacher: $0, student: $1, temperature: 4)
    }
    expectEqual(divergences, pool.kl4)
    expectEqual([ReferenceScores.spread(pool.means)], [pool.stddev])
  }

  @Test func scoresOfTheExamples() {
    let examples = ObjectiveExample.all
    expectEqual(
      examples.teacher.map { ReferenceScores.entropy($0) }, examples.numbers("inputs", "entropy"))
    let (p, q) = (
      examples.teacher.map { ReferenceRow.softmax($0) },
      examples.student.map { ReferenceRow.softmax($0) }
    )
    func mean(_ one: [Double], _ other: [Double]) -> [Double] {
      zip(one, other).map { ($0 + $1) / 2 }
    }
    let spread = ReferenceScores.spread([mean(p[0], p[1]), mean(q[0], q[1]), mean(p[0], q[1])])
    #expect(abs(spread - 0.0589269501) < 1e-10)
  }

  @Test func scoresAtTheirLimits() {
    #expect(ReferenceScores.entropy([3, -.infinity]) == 0)
    #expect(abs(ReferenceScores.entropy([80, 80, 80, 80]) - logarithm(4)) < 1e-14)
    #expect(ReferenceScores.divergence(teacher: [1, 2], student: [5, 6], temperature: 2) < 1e-15)
    #expect(
      ReferenceScores.divergence(teacher: [1, 2], student: [0, -.infinity], temperature: 1)
        == .infinity)
    #expect(ReferenceScores.spread([[0.5, 0.5], [0.5, 0.5]]) == 0)
  }
}
