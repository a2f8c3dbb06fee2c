import Foundation
import RefluxKernels
import RefluxModel
import RefluxRandom
import RefluxStorage
import TestSupport
import Testing

@testable import RefluxTraining

/// Acceptance from sample sets against float64 sums, and its bias against the truth.
struct SampleAcceptanceTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  /// Probabilities of the stored student at the first `rows` positions, in float64.
  private func student(_ rows: Int) throws -> [[Double]] {
    let decoder: Decoder<Float> = try setup.decoder("grouped", workers: Workers(count: 1))
    let pass = InferencePass(decoder, windows: rows / 12, window: 12)
    let arena = Arena()
    return withExtendedLifetime((decoder, pass, arena)) {
      let tokens = Array(setup.data.tokens[..<rows])
      let hidden = pass.hidden(tokens.span)
      let output: Matrix<Float> = arena.takeMatrix(rows, TrainingSetup.vocabulary)
      decoder.logits(hidden, into: output, worker: 0)
      return (0..<rows).map { row in
        let masses = (0..<output.columns).map { exp(Double(output.row(row)[$0])) }
        let total = masses.reduce(0, +)
        return masses.map { $0 / total }
      }
    }
  }

  private func evaluate(_ samples: SampleStore) throws -> SampleAcceptance {
    let evaluator = try Evaluator<Float>(
      setup.decoder("grouped", workers: Workers(count: 2)), window: 12, batch: 7)
    return try #require(try evaluator.run(setup.tokens, samples: samples).sampleAcceptance)
  }

  private func plain(_ counts: [Double], _ p: [Double]) -> Double {
    let total = counts.reduce(0, +)
    return zip(counts, p).reduce(0) { $0 + min($1.0 / total, $1.1) }
  }

  /// The estimate with the hypergeometric distribution out of Pascal's triangle.
  private func estimate(_ counts: [Double], _ p: [Double]) -> Double {
    let draws = Int(counts.reduce(0, +))
    let half = draws / 2
    var choose = [[1.0]]
    for n in 1...draws {
      let row = choose[n - 1]
      choose.append([1] + zip(row, row.dropFirst()).map { $0 + $1 } + [1])
    }
    var fewer = 0.0
    for (count, p) in zip(counts.map { Int($0) }, p) {
      for x in 0...min(count, half) where half - x <= draws - count {
        let ways = choose[count][x] * choose[draws - count][half - x]
        fewer += ways / choose[draws][half] * min(Double(x) / Double(half), p)
      }
    }
    let whole = plain(counts, p)
    return whole + (whole - fewer) / ((Double(draws) / Double(half)).squareRoot() - 1)
  }

  private func expect(
    _ found: SampleAcceptance, _ values: [Double], lower: [Double],
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
    #expect(abs(found.percent - 100 * mean) < 1e-3, sourceLocation: location)
    #expect(
      abs(found.lowerPercent - 100 * lower.reduce(0, +) / count) < 1e-3,
      sourceLocation: location)
    #expect(
      abs((found.standardErrorPercent ?? -1) - error) < 1e-3, sourceLocation: location)
  }

  @Test func countedDrawsAreHalvedInEveryWay() throws {
    let p = try student(360)
    let counts = (0..<360).map { row in
      var dense = [Double](repeating: 0, count: TrainingSetup.vocabulary)
      let set = setup.data.samples[row]
      for (id, count) in zip(set.ids, set.counts) { dense[Int(id)] += Double(count) }
      return dense
    }
    expect(
      try evaluate(setup.drawn()), zip(counts, p).map(estimate),
      lower: zip(counts, p).map(plain))
  }

  @Test func weightsStandAsTheyAre() throws {
    let p = try student(360)
    let values = (0..<360).map { row in
      let set = setup.data.top[row]
      return zip(set.ids, set.weights).reduce(0) { $0 + min(Double($1.1), p[row][Int($1.0)]) }
    }
    expect(try evaluate(setup.top()), values, lower: values)
  }

  /// Systematic draws are not independent: nothing is corrected.
  @Test func drawsThatDependOnEachOtherStandAsTheyAre() throws {
    let samples = try setup.drawn(provenance: setup.provenance("systematic"))
    let found = try evaluate(samples)
    #expect(found.percent == found.lowerPercent)
  }

  /// With known distributions: the plain figure is too low, the estimate is near the truth.
  @Test func estimateTakesMostOfTheBiasAway() {
    var random = RandomStream(seed: 3, stream: 0)
    var (truth, plain, value) = (0.0, 0.0, 0.0)
    let (rows, draws, vocabulary) = (600, 50, 300)
    for _ in 0..<rows {
      // Gumbel's distribution, doubled: a few ids hold most of the mass.
      let logits = (0..<vocabulary).map { _ in -2 * log(-log(random.nextUniform() + 1e-12)) }
      let t = normalized(logits.map { exp($0) })
      let p = normalized(logits.map { exp($0 + random.nextNormal()) })
      truth += zip(t, p).reduce(0) { $0 + min($1.0, $1.1) }
      var counts = [Double](repeating: 0, count: vocabulary)
      for _ in 0..<draws { counts[draw(t, &random)] += 1 }
      var row = SampleAcceptance.Row()
      let halves = HalvedDraws(draws: draws)
      for id in counts.indices where counts[id] > 0 {
        row.add(share: counts[id] / Double(draws), probability: p[id], halves: halves)
      }
      plain += row.lower
      value += row.value
    }
    #expect(plain < truth)
    #expect(abs(value - truth) < 0.4 * (truth - plain))
    #expect(truth / Double(rows) > 0.5 && truth / Double(rows) < 0.95)
  }

  private func normalized(_ masses: [Double]) -> [Double] {
    let total = masses.reduce(0, +)
    return masses.map { $0 / total }
  }

  private func draw(_ masses: [Double], _ random: inout RandomStream) -> Int {
    var rest = Double(random.next() >> 11) * 0x1p-53
    for (id, mass) in masses.enumerated() {
      rest -= mass
      if rest < 0 { return id }
    }
    return masses.count - 1
  }

  /// Hypergeometric masses sum to one and have the mean of the share.
  @Test(arguments: [2, 3, 8, 127, 5000])
  func halvesKeepTheShareOnAverage(draws: Int) {
    let halves = HalvedDraws(draws: draws)
    for count in Set([1, 2, draws / 2, draws - 1, draws]) where count > 0 && count <= draws {
      let mean = halves.mean(count: count, atMost: 1)
      #expect(abs(mean - Double(count) / Double(draws)) < 1e-9, "\(count)")
    }
  }

  /// Nine draws halved in each of the 126 ways.
  @Test func halvesAreAllChoicesOfTheDraws() {
    let (draws, half, limit) = (9, 4, 0.3)
    for count in 1...draws {
      var (sum, ways) = (0.0, 0.0)
      for choice in 0..<(1 << draws) where choice.nonzeroBitCount == half {
        let own = (choice & (1 << count - 1)).nonzeroBitCount
        sum += min(Double(own) / Double(half), limit)
        ways += 1
      }
      let found = HalvedDraws(draws: draws).mean(count: count, atMost: limit)
      #expect(ways == 126 && abs(found - sum / ways) < 1e-12)
    }
  }
}
