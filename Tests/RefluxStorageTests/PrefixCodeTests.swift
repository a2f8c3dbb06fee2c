import TestSupport
import Testing

@testable import RefluxStorage

/// The prefix code of packed blocks against a naive optimum.
@Suite struct PrefixCodeTests {
  /// The least cost of any code of at most `limit` bits, by packages and merging (Larmore and
  /// Hirschberg, 1990).
  static func leastCost(_ frequencies: [UInt32], limit: Int) -> UInt64 {
    let weights = frequencies.filter { $0 > 0 }.map(UInt64.init).sorted()
    var packages = weights
    for _ in 1..<limit {
      let pairs = stride(from: 0, to: packages.count - 1, by: 2).map {
        packages[$0] + packages[$0 + 1]
      }
      packages = (weights + pairs).sorted()
    }
    return packages.prefix(2 * weights.count - 2).reduce(0, +)
  }

  static func cost(_ lengths: [UInt8], _ frequencies: [UInt32]) -> UInt64 {
    zip(lengths, frequencies).reduce(0) { $0 + UInt64($1.0) * UInt64($1.1) }
  }

  private func check(_ frequencies: [UInt32]) {
    let lengths = PrefixCode.lengths(of: frequencies)
    #expect(lengths.count == frequencies.count)
    #expect(zip(lengths, frequencies).allSatisfy { ($0 == 0) == ($1 == 0) })
    #expect(lengths.allSatisfy { $0 <= 11 })
    let used = lengths.count { $0 > 0 }
    if used < 2 { return #expect(lengths.allSatisfy { $0 <= 1 }) }
    #expect(PrefixCode.isComplete(lengths))
    let sum = lengths.filter { $0 > 0 }.reduce(0) { $0 + 1 << (11 - Int($1)) }
    #expect(sum == 1 << 11)
    #expect(Self.cost(lengths, frequencies) == Self.leastCost(frequencies, limit: 11))
    // More frequent symbols never have longer codes.
    let order = frequencies.indices.filter { frequencies[$0] > 0 }
      .sorted { frequencies[$0] < frequencies[$1] }
    for (rare, common) in zip(order, order.dropFirst())
    where frequencies[rare] < frequencies[common] {
      #expect(lengths[rare] >= lengths[common])
    }
  }

  @Test func smallAlphabets() {
    var random = TestRandom(seed: 1)
    for size in 0...67 {
      for shift: UInt64 in [0, 8, 20, 30] {
        check((0..<size).map { _ in UInt32(random.next() >> (33 + shift)) })
        // Every frequency of another magnitude.
        check((0..<size).map { _ in UInt32(random.next() >> (33 + random.next() % 31)) })
      }
    }
  }

  @Test func skewedFrequenciesReachTheLimit() {
    var fibonacci: [UInt32] = [1, 1]
    while fibonacci.count < 44 { fibonacci.append(fibonacci.suffix(2).reduce(0, +)) }
    for size in 2...44 {
      check(Array(fibonacci[..<size]))
      let deepest = PrefixCode.lengths(of: Array(fibonacci[..<size])).max()
      #expect(deepest == UInt8(min(size - 1, 11)))
    }
    for size in [100, 256, 399, 400] {
      check((0..<size).map { UInt32(1) << UInt32($0 % 24) })
      check(Array(repeating: 1, count: size - 1) + [1 << 31])
    }
  }

  /// The codes are those of RFC 1951, 3.2.2, with its own example.
  @Test func canonicalCodes() {
    let lengths: [UInt8] = [3, 3, 3, 3, 3, 2, 4, 4]
    let expected = ["010", "011", "100", "101", "110", "00", "1110", "1111"]
    let codes = PrefixCode.codes(of: lengths)
    for (symbol, text) in expected.enumerated() {
      let bits = text.enumerated().reduce(0) { $0 | ($1.element == "1" ? 1 : 0) << $1.offset }
      #expect(codes[symbol] == UInt16(bits), "\(symbol)")
    }
    #expect(!PrefixCode.isComplete([3, 3, 3, 3, 3, 2, 4]))
    #expect(!PrefixCode.isComplete([1, 1, 1]))
    #expect(!PrefixCode.isComplete([0, 0]))
    #expect(!PrefixCode.isComplete([2]))
    #expect(!PrefixCode.isComplete([1, 12]))
    #expect(PrefixCode.isComplete([0, 1, 0]))
  }
}
