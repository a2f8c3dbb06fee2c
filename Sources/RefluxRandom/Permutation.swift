/// A shuffled order of 0..<count that is computed, not stored.
///
/// A keyed Feistel network on pairs (left, right) of residues, with cycle walking: `left` lies
/// below ceil(sqrt(count)), `right` below the number of rows needed, so the network works on fewer
/// than count + sqrt(count) + 1 indices, and an index that it sends outside 0..<count is sent
/// through again until it comes back inside. Both are bijections, so the order is one, for every
/// count.
///
/// The algorithm is frozen: sixteen rounds, keys from `RandomStream(seed:stream:)` with the stream
/// number 0x5065726D75746531. The same count and seed give the same order everywhere. (Eight rounds
/// shuffle large counts as well, but leave the orders of five indices 13 % from equally likely.)
///
/// - Complexity: 152 bytes; no work at the start beyond sixteen keys; constant time per index.
public struct Permutation: Sendable {
  private static let keyStream: UInt64 = 0x5065_726D_7574_6531

  /// The number of indices.
  public let count: Int
  /// `left` is below `width`, `right` below `height`; width * height >= count.
  private let width: UInt64
  private let height: UInt64
  private let keys: InlineArray<16, UInt64>

  /// Makes the order of a seed.
  ///
  /// - Parameters:
  ///   - count: the number of indices, at least 0.
  ///   - seed: any number; different seeds give unrelated orders.
  public init(count: Int, seed: UInt64) {
    precondition(count >= 0, "a permutation's count must not be negative")
    self.count = count
    let total = UInt64(max(count, 1))
    width = Self.ceilingOfSquareRoot(total)
    height = (total + width - 1) / width
    var stream = RandomStream(seed: seed, stream: Self.keyStream)
    keys = InlineArray { _ in stream.next() }
  }

  /// The index at place `i` of the order, 0 <= i < count.
  public subscript(i: Int) -> Int {
    precondition(i >= 0 && i < count, "index out of range")
    var index = UInt64(i)
    repeat { index = encrypt(index) } while index >= UInt64(count)
    return Int(index)
  }

  /// One pass through the network: a bijection of 0..<width * height.
  private func encrypt(_ index: UInt64) -> UInt64 {
    var (left, right) = index.quotientAndRemainder(dividingBy: height)
    for round in stride(from: 0, to: 16, by: 2) {
      left = Self.add(Self.residue(right ^ keys[round], below: width), to: left, modulo: width)
      right = Self.add(
        Self.residue(left ^ keys[round + 1], below: height), to: right, modulo: height)
    }
    return left * height + right
  }

  /// A pseudo-random residue: the mixing function of SplitMix64, scaled to the range.
  private static func residue(_ value: UInt64, below bound: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return (z ^ (z >> 31)).multipliedFullWidth(by: bound).high
  }

  private static func add(_ a: UInt64, to b: UInt64, modulo bound: UInt64) -> UInt64 {
    let sum = a + b
    return sum < bound ? sum : sum - bound
  }

  private static func ceilingOfSquareRoot(_ value: UInt64) -> UInt64 {
    var root = UInt64(Double(value).squareRoot())
    while root * root >= value && root > 1 { root -= 1 }
    while root * root < value { root += 1 }
    return root
  }
}
