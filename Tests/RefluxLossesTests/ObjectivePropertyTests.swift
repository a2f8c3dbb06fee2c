import Foundation
import RefluxTargets
import Testing

@testable import RefluxLosses

func logarithm(_ value: Double) -> Double { log(value) }

/// What objectives must have in common, and what makes each the one it is.
struct ObjectivePropertyTests {
  private func evaluate(_ words: String, _ input: ReferenceInput) throws -> ReferenceResult {
    try LossReference.evaluate(ObjectiveSamples.choice(words), input)
  }

  private func largest(_ one: [[Double]], _ other: [[Double]]) -> Double {
    zip(one.joined(), other.joined()).map { abs($0 - $1) }.max() ?? 0
  }

  private func expectEqual(
    _ one: ReferenceResult, _ other: ReferenceResult, _ tolerance: Double = 1e-12,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(abs(one.loss - other.loss) < tolerance, sourceLocation: location)
    #expect(largest(one.gradient, other.gradient) < tolerance, sourceLocation: location)
  }

  private static let divergences = [
    "fullkd", "rkl", "jsd beta=0.3", "skew", "skew-rkl", "tvd", "ab", "ab a=0.5 b=0.5", "akl",
    "todi",
    "rkl fkl=0.5",
  ]

  private func dense(_ seed: UInt64) -> ReferenceInput {
    let samples = ObjectiveSamples(seed: seed)
    return ReferenceInput(
      student: samples.student, labels: samples.labels, target: .dense(samples.teacher))
  }

  // MARK: All divergences

  @Test(arguments: divergences + ["uld", "mse", "dhkd", "dist"])
  func vanishesWhereBothAgree(words: String) throws {
    var input = dense(1)
    input.target = .dense(input.student)
    let result = try evaluate(words, input)
    #expect(abs(result.loss) < 1e-6)
    #expect(result.gradient.joined().allSatisfy { abs($0) < 1e-6 })
    #expect(try evaluate(words, dense(1)).loss > 1e-3)
  }

  /// Every gradient but those on logits sums to 0, and knows no shift of a row.
  @Test(arguments: ObjectiveSamples.cases)
  func knowsNoShift(words: String, kind: TargetKind) throws {
    let choice = try ObjectiveSamples.choice(words)
    let isOnLogits =
      [.topkd, .dhkd, .llp].contains(choice.name) || choice.word("input") == "raw"
      || choice.name == .mse && !choice.flag("centred")
    if isOnLogits { return }
    let input = ObjectiveSamples(seed: 2).input(kind, of: choice)
    let result = try LossReference.evaluate(choice, input)
    for row in result.gradient { #expect(abs(row.reduce(0, +)) < 1e-12) }
    var shifted = input
    shifted.student = input.student.map { $0.map { $0 + 3.25 } }
    if case .dense(let teacher) = input.target {
      shifted.target = .dense(teacher.map { $0.map { $0 - 1.5 } })
    }
    expectEqual(result, try LossReference.evaluate(choice, shifted), 1e-10)
  }

  @Test(arguments: ObjectiveSamples.cases)
  func orderOfRowsDoesNotMatter(words: String, kind: TargetKind) throws {
    let choice = try ObjectiveSamples.choice(words)
    if choice.name.entry.grouping == .group { return }
    let input = ObjectiveSamples(seed: 3).input(kind, of: choice)
    var turned = input
    turned.student.reverse()
    turned.labels?.reverse()
    turned.target =
      switch input.target {
      case .none: .none
      case .dense(let rows): .dense(rows.reversed())
      case .top(let sets): .top(sets.reversed())
      case .drawn(let sets, let tau): .drawn(sets.reversed(), tau: tau)
      }
    var result = try LossReference.evaluate(choice, turned)
    result.gradient.reverse()
    expectEqual(try LossReference.evaluate(choice, input), result)
  }

  @Test(arguments: [
    ("ab a=0.0001 b=0.9999", "rkl"), ("ab a=0.9999 b=0.0001", "fullkd"),
    ("skew alpha=0.0001", "fullkd"), ("skew-rkl alpha=0.0001", "rkl"),
    ("ab a=0.0002 b=0.7", "ab a=0 b=0.7"), ("ab a=0.7 b=0.0002", "ab a=0.7 b=0"),
    ("ab a=0.5 b=-0.4998", "ab a=0.5 b=-0.5"), ("ab a=0.0002 b=0.0002", "ab a=0 b=0"),
  ])
  func limitsAreReached(words: String, limit: String) throws {
    let (near, at) = (try evaluate(words, dense(4)), try evaluate(limit, dense(4)))
    let scale = max(1, at.loss, at.gradient.joined().map(abs).max() ?? 0)
    #expect(abs(near.loss - at.loss) < 3e-3 * scale)
    #expect(largest(near.gradient, at.gradient) < 3e-3 * scale)
  }

  @Test func jensenShannonTendsToBothKL() throws {
    let (low, high) = (
      try evaluate("jsd beta=0.0000001", dense(4)), try evaluate("jsd beta=0.9999999", dense(4))
    )
    #expect(abs(low.loss / 1e-7 - (try evaluate("fullkd", dense(4)).loss)) < 1e-4)
    #expect(abs(high.loss / 1e-7 - (try evaluate("rkl", dense(4)).loss)) < 1e-4)
    var turned = dense(4)
    turned.student = ObjectiveSamples(seed: 4).teacher
    turned.target = .dense(dense(4).student)
    let half = try evaluate("jsd", dense(4)).loss
    #expect(abs(half - (try evaluate("jsd", turned).loss)) < 1e-12)
    #expect(half <= log(2))
  }

  @Test func variationIsBounded() throws {
    let (variation, divergence) = (
      try evaluate("tvd", dense(5)).rows ?? [], try evaluate("fullkd", dense(5)).rows ?? []
    )
    for (one, other) in zip(variation, divergence) {
      #expect(one <= 1 && one <= (other / 2).squareRoot())
    }
  }

  // MARK: Sets

  private func top(_ seed: UInt64, _ count: Int) -> ReferenceInput {
    let samples = ObjectiveSamples(seed: seed)
    let sets = samples.student.indices.map { samples.top($0, count: count) }
    return ReferenceInput(student: samples.student, labels: samples.labels, target: .top(sets))
  }

  @Test(arguments: [
    "rkl", "jsd", "skew", "skew-rkl", "tvd", "ab", "akl", "todi", "pld", "uld", "kd-topk", "lbf",
    "dkd", "ttm", "wttm", "sinkd group=2", "dist", "gld k=3",
  ])
  func allIDsAreTheDenseTarget(words: String) throws {
    let all = top(6, ObjectiveSamples.size)
    expectEqual(try evaluate(words, all), try evaluate(words, dense(6)), 1e-11)
  }

  /// A coarser view never shows more of an f-divergence.
  @Test(arguments: ["rkl", "jsd", "skew", "skew-rkl", "tvd", "ab a=0.3 b=0.7"])
  func fewerIDsNeverRaiseADivergence(words: String) throws {
    let losses = try (1...ObjectiveSamples.size).map { try evaluate(words, top(7, $0)).loss }
    for (fewer, more) in zip(losses, losses.dropFirst()) { #expect(fewer <= more + 1e-12) }
  }

  @Test(arguments: ["jsd", "skew", "skew-rkl", "tvd"])
  func aRestOfNothingIsADroppedTail(words: String) throws {
    var input = top(8, 3)
    let dropped = try evaluate(words + " tail=drop", input)
    guard case .top(let sets) = input.target else { return }
    input.target = .top(
      sets.map { ReferenceSet(ids: $0.ids, weights: $0.weights, scalars: [.mass: 1]) })
    expectEqual(try evaluate(words, input), dropped)
  }

  /// The gradient's mean over all outcomes of three draws is that of all of p.
  @Test(arguments: [("rskd", "fullkd"), ("lbf", "lbf"), ("kd-pt", "kd-pt"), ("dkd", "dkd")])
  func drawsAreUnbiased(drawn: String, exact: String) throws {
    let samples = ObjectiveSamples(seed: 9)
    for row in samples.student.indices {
      let p = ReferenceRow.softmax(samples.teacher[row])
      var mean = [Double](repeating: 0, count: p.count)
      for draws in 0..<p.count * p.count * p.count {
        let ids = [draws % p.count, draws / p.count % p.count, draws / p.count / p.count]
        let unique = Set(ids).sorted()
        let set = ReferenceSet(
          ids: unique, counts: unique.map { id in ids.count { $0 == id } },
          scalars: drawn == "kd-pt" ? [:] : [.label: p[samples.labels[row]]])
        let input = ReferenceInput(
          student: [samples.student[row]], labels: [samples.labels[row]],
          target: .drawn([set], tau: 1))
        let weight = ids.reduce(1) { $0 * p[$1] }
        for (id, slope) in try evaluate(drawn, input).gradient[0].enumerated() {
          mean[id] += weight * slope
        }
      }
      let dense = ReferenceInput(
        student: [samples.student[row]], labels: [samples.labels[row]],
        target: .dense([samples.teacher[row]]))
      #expect(largest([mean], try evaluate(exact, dense).gradient) < 1e-12)
    }
  }

  // MARK: Single objectives

  @Test func oneStepIsCrossEntropy() throws {
    let input = dense(10)
    let (label, chain) = (
      try evaluate("ce", ReferenceInput(student: input.student, labels: input.labels)),
      try evaluate("pld steps=1", input)
    )
    let p = ObjectiveSamples(seed: 10).teacher.map { ReferenceRow.softmax($0) }
    for row in input.student.indices {
      let weight = p[row][input.labels?[row] ?? 0]
      #expect(abs((chain.rows?[row] ?? 0) - weight * (label.rows?[row] ?? 0)) < 1e-12)
    }
  }

  @Test func oneTopIDThatIsTheLabelIsItsShare() throws {
    var input = dense(11)
    input.labels = ObjectiveSamples(seed: 11).teacher.map { ReferenceRow.order($0)[0] }
    expectEqual(try evaluate("kd-topk k=1", input), try evaluate("kd-pt", input))
  }

  @Test func aGroupOfOneIsTwiceTheVariation() throws {
    let (single, variation) = (
      try evaluate("sinkd group=1", dense(12)), try evaluate("tvd", dense(12))
    )
    #expect(abs(single.loss - 2 * variation.loss) < 1e-12)
    let twice = variation.gradient.map { $0.map { 2 * $0 } }
    #expect(largest(single.gradient, twice) < 1e-12)
  }

  @Test func sortedProbabilitiesKnowNoIDs() throws {
    var input = dense(13)
    input.target = .dense(input.student.map { $0.reversed() })
    #expect(try evaluate("uld", input).loss < 1e-12)
  }

  @Test func graphsGrowWithTheSquare() throws {
    var input = dense(14)
    let once = try evaluate("gld k=3", input).loss
    input.student = input.student.map { $0.map { 2 * $0 } }
    input.target = .dense(ObjectiveSamples(seed: 14).teacher.map { $0.map { 2 * $0 } })
    #expect(abs(try evaluate("gld k=3", input).loss - 4 * once) < 1e-10)
    #expect(abs(try evaluate("gld k=3 reduce=sum", dense(14)).loss - 3 * once) < 1e-10)
    input.target = .dense(input.student)
    #expect(try evaluate("gld k=3", input).loss == 0)
  }

  @Test func scalingOfATopScaledStudentDoesNotMatter() throws {
    let choice = try ObjectiveSamples.choice("topkd k=2 group=2 w=1 w_label=1 shift=0")
    var input = dense(15)
    let rows = input.rows(of: choice)
    for row in rows { #expect(LossReference.scaled(row, choice) == row.teacher) }
    input.student = ObjectiveSamples(seed: 15).teacher.map { $0.map { 2.5 * $0 } }
    let cosines = LossReference.scaledCosines(input.rows(of: choice), choice)
    for part in cosines {
      #expect(abs(part.loss + 2) < 1e-12)
      #expect(part.gradient.allSatisfy { abs($0) < 1e-12 })
    }
  }

  @Test func equalScoresAddTheMargin() throws {
    let rows = [[0.2, 0.5, 0.7]]
    let input = ReferenceInput(student: rows, target: .dense([[0.4, 0.4, 0.4]]))
    let links = try LossReference.links(ObjectiveSamples.choice("llp"), input)
    #expect(abs(links.ranks - 0.1) < 1e-15 && links.edges == nil)
    let same = ReferenceInput(student: rows, target: .dense(rows))
    #expect(try LossReference.links(ObjectiveSamples.choice("llp"), same).ranks == 0)
  }

  // MARK: Extremes

  @Test(arguments: divergences + ["pld", "uld", "dkd", "kd-topk k=3", "lbf k=3", "dhkd", "dist"])
  func largeLogitsStayFinite(words: String) throws {
    var input = dense(16)
    input.student = input.student.map { $0.map { $0 > 0 ? 80 : -80 } }
    input.target = .dense(ObjectiveSamples(seed: 16).teacher.map { $0.map { $0 > 0 ? -80 : 80 } })
    let result = try evaluate(words, input)
    #expect(result.loss.isFinite && result.gradient.joined().allSatisfy(\.isFinite))
  }

  /// Ids that neither side can choose add nothing.
  @Test(arguments: [
    "fullkd", "rkl", "jsd", "skew", "skew-rkl", "tvd", "ab", "ab a=0 b=0.7", "akl", "todi", "uld",
    "pld", "dkd",
  ])
  func impossibleIDsAddNothing(words: String) throws {
    let input = dense(17)
    var masked = input
    masked.student = input.student.map { $0 + [-.infinity] }
    masked.target = .dense(ObjectiveSamples(seed: 17).teacher.map { $0 + [-.infinity] })
    let (one, other) = (try evaluate(words, input), try evaluate(words, masked))
    #expect(abs(one.loss - other.loss) < 1e-12)
    #expect(other.gradient.allSatisfy { $0.last == 0 })
    #expect(largest(one.gradient, other.gradient.map { $0.dropLast() }) < 1e-12)
  }
}
