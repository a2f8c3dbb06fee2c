internal import Foundation

/// How few bits sample sets need when nothing is known but how often each number occurs.
///
/// With H the entropy of the empirical distribution over all pairs (of ids, of counts) or all
/// records (of lengths), a record of k pairs takes k (H(id) + H(count)) bits as a sequence. As a
/// set it takes log2(k!) bits less, since the k! orders of its ids say the same. Lengths are
/// counted apart.
public struct SetEntropy: Equatable, Sendable {
  /// H(id), in bits.
  public let bitsPerID: Double
  /// H(count), in bits.
  public let bitsPerCount: Double
  /// H(length), in bits.
  public let bitsPerLength: Double
  /// The mean of k (H(id) + H(count)) over the records, in bits.
  public let bitsPerSequence: Double
  /// The mean of k (H(id) + H(count)) - log2(k!) over the records, in bits.
  public let bitsPerSet: Double

  /// The entropies of `sets`; all 0 without records.
  ///
  /// - Complexity: one pass, 8 bytes per id of the vocabulary.
  public init(_ sets: SampleSets) {
    let lengths = (0..<sets.count).map { UInt32(sets.pairs(of: $0).count) }
    bitsPerID = Self.entropy(sets.ids)
    bitsPerCount = Self.entropy(sets.counts)
    bitsPerLength = Self.entropy(lengths)
    bitsPerSequence = sets.pairsPerRecord * (bitsPerID + bitsPerCount)
    let largest = Int(lengths.max() ?? 0)
    var factorials = [0.0]
    for k in 0..<largest { factorials.append(factorials[k] + log2(Double(k + 1))) }
    let orders = lengths.reduce(0) { $0 + factorials[Int($1)] }
    bitsPerSet = bitsPerSequence - orders / Double(max(sets.count, 1))
  }

  /// The entropy of how often each number occurs, in bits.
  private static func entropy(_ values: [UInt32]) -> Double {
    var occurrences = [Int](repeating: 0, count: Int(values.max() ?? 0) + 1)
    for value in values { occurrences[Int(value)] += 1 }
    return occurrences.reduce(0) { sum, count in
      let share = Double(count) / Double(max(values.count, 1))
      return count == 0 ? sum : sum - share * log2(share)
    }
  }
}
