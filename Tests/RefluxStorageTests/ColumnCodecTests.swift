import RefluxBytes
import TestSupport
import Testing

@testable import RefluxStorage

/// The widening loops against plain arithmetic, for all sizes around the vector widths and for
/// every alignment.
@Suite struct ColumnCodecTests {
  static let sizes = Array(0...67) + [128, 255, 1000]

  static func naive(_ bytes: ArraySlice<UInt8>, width: Int) -> [UInt32] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
      (0..<width).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
    }
  }

  @Test(arguments: [1, 2, 4]) func widen(width: Int) {
    var random = TestRandom(seed: 1)
    for count in Self.sizes {
      for shift in 0..<4 {
        let bytes = random.bytes(shift + count * width)
        let expected = Self.naive(bytes[shift...], width: width)
        var target = [UInt32](repeating: 0xDEAD, count: count + 3)
        var span = target.mutableSpan
        let largest = ColumnCodec.widen(
          bytes.rawSpan.extracting(droppingFirst: shift), width: width, into: &span, at: 2)
        #expect(largest == expected.max() ?? 0)
        #expect(target == [0xDEAD, 0xDEAD] + expected + [0xDEAD])
      }
    }
  }

  @Test func widenTwoColumns() {
    var random = TestRandom(seed: 2)
    for count in Self.sizes {
      let low = random.bytes(2 * count + 1)
      let high = random.bytes(count + 1)
      let tops = Self.naive(high[1...], width: 1)
      let expected = zip(Self.naive(low[1...], width: 2), tops).map { $0 | $1 << 16 }
      var target = [UInt32](repeating: 7, count: count + 2)
      var span = target.mutableSpan
      let largest = ColumnCodec.widen(
        low.rawSpan.extracting(droppingFirst: 1), high.rawSpan.extracting(droppingFirst: 1),
        into: &span, at: 1)
      #expect(largest == expected.max() ?? 0)
      #expect(target == [7] + expected + [7])
    }
  }

  /// Counts leave the module as shares of the rounds, weights as the very bits they came in.
  @Test(arguments: [50, 1000, 70_000]) func shares(rounds: Int) throws {
    var random = TestRandom(seed: 3)
    let extras: [UInt32] = []
    for count in Self.sizes where count > 0 {
      let header = try StoreHeader.samples(
        StoreSamples.configuration(vocabulary: 1 << 20, rounds: rounds), fileID: 1)
      var block = SampleBlock(header)
      let counts = (0..<min(count, header.capacity)).map { _ in
        UInt32.random(in: 1...UInt32(Int32.max), using: &random)
      }
      let ids = StoreSamples.distinct(counts.count, vocabulary: 1 << 20, using: &random)
      block.stage(ids: ids.span, values: counts.span)
      block.commit(counts.count, extras: extras.span)
      let expected = counts.map { Float($0) / Float(rounds) }
      #expect(copy(block, rounds: rounds) == [-1, -1] + expected + [-1])
      let bits = counts.map { Float(bitPattern: $0).bitPattern }
      #expect(copy(block, rounds: nil).dropFirst(2).dropLast().map(\.bitPattern) == bits)
    }
  }

  private func copy(_ block: SampleBlock, rounds: Int?) -> [Float] {
    var offsets: [Int32] = [2, 0]
    var ids = [UInt32](repeating: 0, count: block.pairs + 3)
    var weights = [Float](repeating: -1, count: block.pairs + 3)
    var offsetSpan = offsets.mutableSpan
    var idSpan = ids.mutableSpan
    var weightSpan = weights.mutableSpan
    let end = block.copy(
      0..<1, rounds: rounds, to: 0, offsets: &offsetSpan, ids: &idSpan, weights: &weightSpan,
      from: 2)
    #expect(end == 2 + block.pairs && offsets == [2, Int32(end)])
    return weights
  }

  @Test func floats() throws {
    let values: [Float] = [1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
    var writer = ByteWriter()
    for value in values { writer.write(value) }
    var configuration = StoreSamples.configuration(vocabulary: 10, rounds: 4)
    configuration.values = .float32
    var block = SampleBlock(try StoreHeader.samples(configuration, fileID: 1))
    block.resize(count: 1, pairs: 4)
    WeightColumn(.float32).load(writer.bytes.rawSpan, into: &block)
    #expect(Array(block.values[..<4]) == values.map(\.bitPattern))
  }

  @Test func callersMistakesTrap() async {
    await #expect(processExitsWith: .failure) {
      var target: [UInt32] = [0]
      var span = target.mutableSpan
      _ = ColumnCodec.widen(
        [UInt8](repeating: 0, count: 2).rawSpan, width: 1, into: &span, at: 0)
      target = []
    }
  }
}
