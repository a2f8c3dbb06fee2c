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

  @Test(arguments: [1, 2, 4]) func shares(width: Int) {
    var random = TestRandom(seed: 3)
    for count in Self.sizes {
      let bytes = random.bytes(count * width)
      var target = [Float](repeating: -1, count: count + 1)
      var span = target.mutableSpan
      ColumnCodec.shares(bytes.rawSpan, width: width, rounds: 50, into: &span, at: 0)
      #expect(target == Self.naive(bytes[...], width: width).map { Float($0) / 50 } + [-1])
    }
  }

  @Test func floats() {
    let values: [Float] = [1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
    var writer = ByteWriter()
    for value in values { writer.write(value) }
    var target = [Float](repeating: 3, count: 6)
    var span = target.mutableSpan
    ColumnCodec.floats(writer.bytes.rawSpan, into: &span, at: 1)
    #expect(target.map(\.bitPattern) == ([3] + values + [3]).map(\.bitPattern))
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
