import Foundation
import RefluxKernels
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxRandom
import Testing

/// Larger than one slice of anything: of the vocabulary (512), of a weight's rows (256), of the
/// rows of a chunk of the head (1,024).
private let large = DecoderConfiguration(
  vocabularySize: 1100, hiddenSize: 24, intermediateSize: 140, layers: 2, heads: 6, keyHeads: 3,
  headSize: 24, positions: 128, tiedHead: false)

private func tokens(_ count: Int, below vocabulary: Int) -> [UInt32] {
  var random = RandomStream(seed: 50, stream: 0)
  return (0..<count).map { _ in UInt32(random.next() % UInt64(vocabulary)) }
}

private func crossEntropy<Element>(
  _ setup: ModelSetup<Element>, _ tokens: [UInt32], window: Int, passes: Int = 1
) -> (loss: Double, gradients: [Float]) {
  setup.train(tokens, window: window, passes: passes) { row in
    RowTarget(label: Int(tokens[(row + 1) % tokens.count]))
  }
}

struct DecoderTests {
  @Test(arguments: [false, true])
  func anyNumberOfWorkersGivesTheSameBits(tied: Bool) throws {
    var configuration = large
    configuration.tiedHead = tied
    let ids = tokens(1300, below: large.vocabularySize)
    func results<Element: Scalar>(_: Element.Type) throws -> [(loss: Double, gradients: [Float])] {
      try [1, 2, 3, 5].map { workers in
        let setup = try ModelSetup<Element>(configuration, window: 100, workers: workers)
        setup.decoder.initialize(seed: 1)
        return crossEntropy(setup, ids, window: 100, passes: workers)
      }
    }
    let formats =
      Products.supportsBFloat16
      ? [try results(Float.self), try results(BFloat16.self)] : [try results(Float.self)]
    for runs in formats {
      for run in runs.dropFirst() {
        #expect(run.loss == runs[0].loss)
        #expect(run.gradients == runs[0].gradients)
      }
      #expect(runs[0].loss.isFinite && runs[0].gradients.contains { $0 != 0 })
    }
  }

  /// A batch's gradient is the mean of its windows': no chunk and no window gets lost.
  @Test(arguments: [false, true])
  func batchIsTheMeanOfItsWindows(tied: Bool) throws {
    var configuration = large
    configuration.tiedHead = tied
    let setup = try ModelSetup<Float>(configuration, window: 100, workers: 2)
    setup.decoder.initialize(seed: 2)
    let ids = tokens(1200, below: large.vocabularySize)
    let whole = setup.train(ids, window: 100) { RowTarget(label: Int(ids[$0])) }
    var (loss, sum) = (0.0, [Double](repeating: 0, count: whole.gradients.count))
    for window in 0..<12 {
      let part = Array(ids[window * 100..<(window + 1) * 100])
      let one = setup.train(part, window: 100) { RowTarget(label: Int(part[$0])) }
      loss += one.loss / 12
      for (index, value) in one.gradients.enumerated() { sum[index] += Double(value) / 12 }
    }
    #expect(abs(whole.loss - loss) < 1e-6 * loss)
    for entry in setup.decoder.table.entries {
      let range = entry.offset..<entry.offset + entry.count
      let scale = sum[range].map(abs).max() ?? 0
      let error = range.map { abs(Double(whole.gradients[$0]) - sum[$0]) }.max() ?? 0
      #expect(scale > 0 && error < 1e-5 * scale, "\(entry.name)")
    }
  }

  /// Going a little along a tensor's gradient changes the loss by the gradient's norm.
  @Test(arguments: [false, true])
  func everyTensorsGradientIsASlope(tied: Bool) throws {
    var configuration = large
    configuration.tiedHead = tied
    let setup = try ModelSetup<Float>(configuration, window: 50, workers: 2)
    setup.decoder.initialize(seed: 3)
    // Larger weights than the usual start, so that every tensor matters.
    setup.setWeights { [weights = setup.weights, table = setup.decoder.table] name in
      let entry = table.entries.first { $0.name == name }!
      return weights[entry.offset..<entry.offset + entry.count].map {
        entry.role == .gain ? $0 : 10 * $0
      }
    }
    let ids = tokens(150, below: large.vocabularySize)
    let gradients = crossEntropy(setup, ids, window: 50).gradients
    for entry in setup.decoder.table.entries {
      let gradient = Array(gradients[entry.offset..<entry.offset + entry.count])
      let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      let direction = gradient.map { Float(Double($0) / norm) }
      let step = Float(min(0.02, 0.01 / norm))
      setup.addToWeights(direction, at: entry.offset, times: step)
      let above = crossEntropy(setup, ids, window: 50).loss
      setup.addToWeights(direction, at: entry.offset, times: -2 * step)
      let below = crossEntropy(setup, ids, window: 50).loss
      setup.addToWeights(direction, at: entry.offset, times: step)
      let slope = (above - below) / (2 * Double(step))
      #expect(abs(slope / norm - 1) < 0.02, "\(entry.name): slope \(slope), gradient \(norm)")
    }
  }

  @Test func tokensSeeOnlyWhatCameBefore() throws {
    let setup = try ModelSetup<Float>(large, window: 40)
    setup.decoder.initialize(seed: 4)
    let ids = tokens(40, below: large.vocabularySize)
    let whole = setup.logits(ids, window: 40)
    var changed = ids
    changed[25] = (changed[25] + 1) % 1100
    let other = setup.logits(changed, window: 40)
    let width = large.vocabularySize
    #expect(whole[..<(25 * width)] == other[..<(25 * width)])
    #expect(whole[(25 * width)..<(26 * width)] != other[(25 * width)..<(26 * width)])
    #expect(whole[(39 * width)...] != other[(39 * width)...])
  }

  // MARK: Initialisation

  @Test func initializationFollowsSeedAndTensorAlone() throws {
    func weights(_ seed: UInt64, layers: Int) throws -> (table: ParameterTable, values: [Float]) {
      var configuration = large
      configuration.layers = layers
      let setup = try ModelSetup<Float>(configuration, window: 8)
      setup.decoder.initialize(seed: seed)
      return (setup.decoder.table, setup.weights)
    }
    let (table, first) = try weights(7, layers: 2)
    #expect(try weights(7, layers: 2).values == first)
    #expect(try weights(8, layers: 2).values != first)
    for entry in table.entries {
      let values = first[entry.offset..<entry.offset + entry.count].map(Double.init)
      if entry.role == .gain {
        #expect(values.allSatisfy { $0 == 1 }, "\(entry.name)")
        continue
      }
      let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      let residual = entry.name.contains("o_proj") || entry.name.contains("down_proj")
      let expected = residual ? 0.02 / 2 : 0.02
      #expect(abs(deviation / expected - 1) < 0.08, "\(entry.name): \(deviation)")
    }
  }

  // MARK: What does not fit

  @Test func windowBeyondThePositionsIsRefused() {
    #expect(throws: ModelError.windowTooLong(found: 129, positions: 128)) {
      _ = try Decoder<Float>(large, window: 129, workers: Workers(count: 1))
    }
  }

  // MARK: Workers

  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 100])
  func everyShareRunsOnce(workers: Int, shares: Int) {
    let arena = Arena()
    let (runs, worker): (View<Int32>, View<Int32>) = (arena.take(shares), arena.take(shares))
    Workers(count: workers).run(shares) { share, index in
      runs[share] += 1
      worker[share] = Int32(index)
    }
    withExtendedLifetime(arena) {
      #expect((0..<shares).allSatisfy { runs[$0] == 1 })
      #expect((0..<shares).allSatisfy { worker[$0] >= 0 && worker[$0] < workers })
    }
  }
}
