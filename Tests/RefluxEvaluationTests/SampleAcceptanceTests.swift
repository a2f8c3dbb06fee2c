import Foundation
import LearningSupport
import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxRandom
import RefluxStorage
import TestSupport
import Testing

@testable import RefluxEvaluation

/// Acceptance from sample sets against float64 sums, and its bias against the truth.
struct SampleAcceptanceTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  /// Probabilities of the stored student at the first `rows` positions, in float64.
  private func student(_ rows: Int) throws -> [[Double]] {
    let decoder = try setup.decoder("grouped", workers: Workers(count: 1))
    let pass = decoder.makeForwardPass(windows: rows / 12, window: 12)
    let arena = Arena()
    return withExtendedLifetime((pass, arena)) {
      let tokens = Array(setup.data.tokens[..<rows])
      pass.run(tokens.span)
      let output: Matrix<Float> = arena.takeMatrix(rows, TrainingSetup.vocabulary)
      pass.logits(0..<rows, into: output, worker: 0)
      return (0..<rows).map { row in
        let masses = (0..<output.columns).map { exp(Double(output.row(row)[$0])) }
        let total = masses.reduce(0, +)
        return masses.map { $0 / total }
      }
    }
  }

  private func evaluate(_ samples: SampleStore) throws -> SampleAcceptance {
    let evaluator = try Evaluator(
      setup.decoder("grouped", workers: Workers(count: 2)), window: 12, batch: 7)
    return try #require(try evaluator.run(setup.tokens, samples: samples).sampleAcceptance)
  }

  private func plain(_ counts: [Double], _ p: [Double]) -> Double {
    let total = counts.reduce(0, +)
    return zip(counts, p).reduce(0) { $0 + min($1.0 / total, $1.1) }
  }

  /// p(T) + 1 - t(T), T being the ids whose share among `judges` of the draws is at least p and t
  /// their share among the others: the mean over all choices of the judges.
  private func split(_ counts: [Double], _ p: [Double], judges: Int) -> Double {
    let draws = Int(counts.reduce(0, +))
    var choose = [[1.0]]
    for n in 1...draws {
      let row = choose[n - 1]
      choose.append([1] + zip(row, row.dropFirst()).map { $0 + $1 } + [1])
    }
    var bound = 1.0
    for (count, p) in zip(counts.map { Int($0) }, p) {
      for x in 0...min(count, judges) where judges - x <= draws - count {
        if x == 0 || Double(x) / Double(judges) < p { continue }
        let ways = choose[count][x] * choose[draws - count][judges - x] / choose[draws][judges]
        bound += ways * (p - Double(count - x) / Double(draws - judges))
      }
    }
    return bound
  }

  private func expect(
    _ found: SampleAcceptance, _ values: [Double], lower: [Double], upper: [Double],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let windows = stride(from: 0, to: values.count, by: 12).map {
      values[$0..<$0 + 12].reduce(0, +) / 12
    }
    let squares = windows.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let size = Double(windows.count)
    let error = 100 * (squares / (size - 1) / size).squareRoot()
    let bounds = [lower, upper].map { $0.reduce(0, +) / count }
    let percent = 100 * min(max(mean, bounds[0]), bounds[1])
    #expect(abs(found.percent - percent) < 1e-3, sourceLocation: location)
    #expect(abs(found.lowerPercent - 100 * bounds[0]) < 1e-3, sourceLocation: location)
    #expect(abs(found.upperPercent - 100 * bounds[1]) < 1e-3, sourceLocation: location)
    #expect(
      abs((found.standardErrorPercent ?? -1) - error) < 1e-3, sourceLocation: location)
  }

  private func counts() -> [[Double]] {
    (0..<360).map { row in
      var dense = [Double](repeating: 0, count: TrainingSetup.vocabulary)
      let set = setup.data.samples[row]
      for (id, count) in zip(set.ids, set.counts) { dense[Int(id)] += Double(count) }
      return dense
    }
  }

  @Test func countedDrawsAreSplitInEveryWay() throws {
    let (p, counts, draws) = (try student(360), counts(), setup.run.rounds)
    let upper = zip(counts, p).map { split($0, $1, judges: draws - 1) }
    let half = zip(counts, p).map { split($0, $1, judges: draws / 2) }
    let factor = 1 / ((Double(draws - 1) / Double(draws / 2)).squareRoot() - 1)
    expect(
      try evaluate(setup.drawn()), zip(upper, half).map { $0 - factor * ($1 - $0) },
      lower: zip(counts, p).map(plain), upper: upper)
  }

  /// Beside the largest probabilities both have left what they have left.
  @Test func whatTopSetsLeaveOutIsBounded() throws {
    let p = try student(360)
    var (lower, upper, values) = ([Double](), [Double](), [Double]())
    for (set, p) in zip(setup.data.top, p) {
      let own = set.ids.map { p[Int($0)] }
      let least = zip(set.weights, own).reduce(0) { $0 + min(Double($1.0), $1.1) }
      let masses = (set.weights.reduce(0) { $0 + Double($1) }, own.reduce(0, +))
      let rest = min(1 - masses.0, 1 - masses.1)
      lower.append(least)
      upper.append(least + rest)
      values.append(least + rest * least / min(masses.0, masses.1))
    }
    expect(try evaluate(setup.top()), values, lower: lower, upper: upper)
  }

  /// Even spacing keeps draws from being split; another way to make counts says nothing of them.
  @Test func otherDrawsHaveBoundsOfTheirOwn() throws {
    let even = try evaluate(
      setup.drawn("even.rfx", provenance: setup.provenance("systematic")))
    #expect(even.percent == even.upperPercent && even.lowerPercent < even.upperPercent)
    let unknown = try evaluate(setup.drawn("unknown.rfx", provenance: setup.provenance("")))
    #expect(unknown.percent == unknown.lowerPercent && unknown.upperPercent == 100)
  }

  // MARK: Against the truth

  /// A teacher and a student, and what they agree on.
  struct Pair: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var t: [Double]
    var p: [Double]
    var truth: Double { zip(t, p).reduce(0) { $0 + min($1.0, $1.1) } }

    init(_ name: String, _ t: [Double], _ p: [Double]) {
      (testDescription, self.t, self.p) = (name, normalized(t), normalized(p))
    }
  }

  static let pairs: [Pair] = {
    var random = RandomStream(seed: 3, stream: 0)
    let logits = (0..<300).map { _ in -2 * log(-log(random.nextUniform() + 1e-12)) }
    let masses = logits.map { exp($0) }
    let other = logits.map { exp($0 + random.nextNormal()) }
    let falling = (1...300).map { 1 / Double($0) }
    let flat = [Double](repeating: 1, count: 200)
    return [
      Pair("itself, peaked", masses, masses), Pair("itself, flat", flat, flat),
      Pair("itself, falling", falling, falling), Pair("another", masses, other),
      Pair("sharper", masses, masses.map { pow($0, 1.4) }),
      Pair("flatter", masses, masses.map { pow($0, 0.7) }),
      Pair("flat student", falling, [Double](repeating: 1, count: 300)),
      Pair("half", flat, (0..<200).map { $0 < 100 ? 1 : 1e-9 }),
      Pair("two", [0.7, 0.3], [0.4, 0.6]),
      Pair("one", [0.9] + [Double](repeating: 1e-3, count: 100), [0.6] + flat.map { $0 / 500 }),
    ]
  }()

  /// The mean over all counts of an id, which are binomial, is known without drawing.
  private func means(
    _ pair: Pair, draws: Int, _ estimator: AcceptanceEstimator, _ masses: (Double) -> [Double]
  ) -> (lower: Double, value: Double, upper: Double) {
    let empty = estimator.finish(AcceptanceEstimator.Row())
    var result = (lower: 0.0, value: empty.value, upper: empty.upper)
    for (t, p) in zip(pair.t, pair.p) {
      for (count, mass) in masses(t).enumerated() where count > 0 && mass > 0 {
        var row = AcceptanceEstimator.Row()
        estimator.add(Double(count) / Double(draws), probability: p, to: &row)
        let (value, upper) = estimator.finish(row)
        result.lower += mass * row.lower
        result.value += mass * (value - empty.value)
        result.upper += mass * (upper - empty.upper)
      }
    }
    return result
  }

  private func binomial(_ draws: Int, _ t: Double) -> [Double] {
    var ways = 1.0
    return (0...draws).map { count in
      defer { ways *= Double(draws - count) / Double(count + 1) }
      return ways * pow(t, Double(count)) * pow(1 - t, Double(draws - count))
    }
  }

  @Test(arguments: pairs, [3, 12, 30, 50])
  func truthLiesBetweenTheBoundsOfIndependentDraws(pair: Pair, draws: Int) {
    let found = means(pair, draws: draws, .independent(SplitDraws(draws: draws))) {
      binomial(draws, $0)
    }
    #expect(found.lower <= pair.truth + 1e-9 && found.upper >= pair.truth - 1e-9)
    if pair.t != pair.p { return }
    #expect(abs(found.upper - 1) < 1e-9 && abs(found.value - 1) < 1e-9)
    #expect(found.lower < 0.97)
  }

  @Test(arguments: pairs, [1, 12, 50])
  func truthLiesBetweenTheBoundsOfEvenDraws(pair: Pair, draws: Int) {
    let found = means(pair, draws: draws, .systematic(draws: Double(draws))) { t in
      let expected = Double(draws) * t
      let whole = Int(expected)
      var masses = [Double](repeating: 0, count: whole + 2)
      masses[whole + 1] = expected - Double(whole)
      masses[whole] = 1 - masses[whole + 1]
      return masses
    }
    #expect(found.lower <= pair.truth + 1e-9 && found.upper >= pair.truth - 1e-9)
    if pair.t == pair.p { #expect(abs(found.upper - 1) < 1e-9) }
  }

  /// Of teachers that are sure of themselves the estimate is nearer than the bounds.
  @Test(arguments: [3, 4, 5])
  func estimateIsNearTheTruth(index: Int) {
    let pair = Self.pairs[index]
    let found = means(pair, draws: 50, .independent(SplitDraws(draws: 50))) { binomial(50, $0) }
    #expect(abs(found.value - pair.truth) < 0.025)
  }

  /// What is drawn has the means that were worked out.
  @Test func drawnSetsHaveTheseMeans() {
    var random = RandomStream(seed: 3, stream: 1)
    let (pair, draws, rows) = (Self.pairs[3], 30, 4_000)
    let estimator = AcceptanceEstimator.independent(SplitDraws(draws: draws))
    let expected = means(pair, draws: draws, estimator) { binomial(draws, $0) }
    var (lower, value, upper) = (0.0, 0.0, 0.0)
    for _ in 0..<rows {
      var counts = [Int](repeating: 0, count: pair.t.count)
      for _ in 0..<draws { counts[draw(pair.t, &random)] += 1 }
      var row = AcceptanceEstimator.Row()
      for (count, p) in zip(counts, pair.p) where count > 0 {
        estimator.add(Double(count) / Double(draws), probability: p, to: &row)
      }
      let found = estimator.finish(row)
      lower += row.lower / Double(rows)
      (value, upper) = (value + found.value / Double(rows), upper + found.upper / Double(rows))
    }
    #expect(abs(lower - expected.lower) < 0.01 && abs(upper - expected.upper) < 0.01)
    #expect(abs(value - expected.value) < 0.03)
  }

  private func draw(_ masses: [Double], _ random: inout RandomStream) -> Int {
    var rest = Double(random.next() >> 11) * 0x1p-53
    for (id, mass) in masses.enumerated() {
      rest -= mass
      if rest < 0 { return id }
    }
    return masses.count - 1
  }

  /// Nine draws split in each of the 126 ways, and in the nine that leave one out.
  @Test func splitsAreAllChoicesOfTheDraws() {
    let (draws, half, p) = (9, 4, 0.3)
    for count in 1...draws {
      var sums = [0.0, 0.0]
      for choice in 0..<(1 << draws) where [half, draws - 1].contains(choice.nonzeroBitCount) {
        let judges = choice.nonzeroBitCount
        let own = (choice & (1 << count - 1)).nonzeroBitCount
        if own == 0 || Double(own) / Double(judges) < p { continue }
        let rest = Double(count - own) / Double(draws - judges)
        sums[judges == half ? 0 : 1] += (p - rest) / (judges == half ? 126 : 9)
      }
      let split = SplitDraws(draws: draws)
      #expect(abs(split.halving(count: count, probability: p) - sums[0]) < 1e-12)
      #expect(abs(split.leavingOneOut(count: count, probability: p) - sums[1]) < 1e-12)
    }
  }

  /// One or two draws cannot be carried on: the bound stands.
  @Test(arguments: [1, 2])
  func veryFewDrawsAreNotCarriedOn(draws: Int) {
    let estimator = AcceptanceEstimator.independent(SplitDraws(draws: draws))
    var row = AcceptanceEstimator.Row()
    estimator.add(1, probability: 0.5, to: &row)
    let found = estimator.finish(row)
    // Of two equal draws either judges: T has the id, p(T) - t(T) is -1/2.
    #expect(found.value == found.upper && found.upper == (draws == 1 ? 1 : 0.5))
  }
}

private func normalized(_ masses: [Double]) -> [Double] {
  let total = masses.reduce(0, +)
  return masses.map { $0 / total }
}
