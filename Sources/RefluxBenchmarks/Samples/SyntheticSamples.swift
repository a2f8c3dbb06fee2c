internal import Dispatch
internal import Foundation
internal import RefluxRandom
internal import Synchronization

/// Sample sets like those of a large teacher, made from a seed alone.
///
/// Ids have weights rank^-1.05 over a random order of a vocabulary of 128,256. For each position
/// 400 ids are drawn from them; without repetitions and in random order they are the candidates of
/// which the j-th (from 1) has probability in proportion to j^-a, where a = 0.35 + a variable of
/// the gamma distribution with shape 2 and scale 0.9. Of 50 draws from that, about 15.3 ids of a
/// position differ, at most 50.
///
/// Every position has a random stream of its own, so any range of positions can be made alone.
public struct SyntheticSamples: Sendable {
  /// Ids are below this number.
  public static let vocabularySize = 128_256
  /// Draws per position.
  public static let rounds = 50
  private static let candidateDraws = 400
  /// Positions that one thread makes in one go.
  private static let chunk = 4096

  /// The base of the exponent with which about 12 ids of 50 draws differ.
  public static let baseOfTwelveIDs = 0.58

  private let seed: UInt64
  private let base: Double
  private let unigram: AliasTable
  private let order: Permutation
  /// The logarithm of every place that a candidate can have, counted from 1.
  private let logarithms: [Double]

  /// Prepares the draws.
  ///
  /// - Parameter base: the least exponent; more makes sets of fewer ids.
  /// - Complexity: one pass over the vocabulary and 1.5 MB.
  public init(seed: UInt64, base: Double = 0.35) {
    self.seed = seed
    self.base = base
    unigram = AliasTable(weights: (1...Self.vocabularySize).map { pow(Double($0), -1.05) })
    order = Permutation(count: Self.vocabularySize, seed: seed)
    logarithms = (1...Self.candidateDraws).map { log(Double($0)) }
  }

  /// The sets of the first `count` positions, the same for any number of processors.
  public func sets(count: Int) -> SampleSets {
    precondition(count >= 0, "a count must not be negative")
    let chunks = (count + Self.chunk - 1) / Self.chunk
    let parts = Mutex<[Int: SampleSets]>([:])
    DispatchQueue.concurrentPerform(iterations: chunks) { chunk in
      let start = chunk * Self.chunk
      let part = sets(of: start..<min(start + Self.chunk, count))
      parts.withLock { $0[chunk] = part }
    }
    var all = SampleSets(vocabularySize: Self.vocabularySize, rounds: Self.rounds)
    parts.withLock { parts in
      for chunk in 0..<chunks { parts[chunk].map { all.append($0) } }
    }
    return all
  }

  /// The sets of some positions.
  public func sets(of positions: Range<Int>) -> SampleSets {
    var sets = SampleSets(vocabularySize: Self.vocabularySize, rounds: Self.rounds)
    var scratch = Scratch()
    for position in positions {
      var stream = RandomStream(seed: seed, stream: UInt64(position))
      drawCandidates(&stream, &scratch, mark: UInt32(position - positions.lowerBound + 1))
      let exponent = base + stream.nextGamma(shape: 2, scale: 0.9)
      drawCounts(&stream, &scratch, exponent: exponent)
      sets.append(ids: scratch.pairs.lazy.map(\.id), counts: scratch.pairs.lazy.map(\.count))
    }
    return sets
  }

  /// Memory of one thread, reused from position to position.
  private struct Scratch {
    /// The mark of the last position that drew a rank.
    var marks = [UInt32](repeating: 0, count: vocabularySize)
    /// The ranks of the candidates in their order.
    var candidates: [Int] = []
    /// The probabilities of the candidates up to each, not normalised.
    var cumulative: [Double] = []
    var counts: [UInt32] = []
    var pairs: [(id: UInt32, count: UInt32)] = []
  }

  private func drawCandidates(
    _ stream: inout RandomStream, _ scratch: inout Scratch, mark: UInt32
  ) {
    scratch.candidates.removeAll(keepingCapacity: true)
    for _ in 0..<Self.candidateDraws {
      let rank = unigram.draw(&stream)
      if scratch.marks[rank] == mark { continue }
      scratch.marks[rank] = mark
      scratch.candidates.append(rank)
    }
    for last in stride(from: scratch.candidates.count - 1, to: 0, by: -1) {
      let other = stream.next().multipliedFullWidth(by: UInt64(last + 1)).high
      scratch.candidates.swapAt(last, Int(other))
    }
  }

  private func drawCounts(
    _ stream: inout RandomStream, _ scratch: inout Scratch, exponent: Double
  ) {
    scratch.cumulative.removeAll(keepingCapacity: true)
    scratch.counts.removeAll(keepingCapacity: true)
    var total = 0.0
    for place in scratch.candidates.indices {
      total += exp(-exponent * logarithms[place])
      scratch.cumulative.append(total)
      scratch.counts.append(0)
    }
    for _ in 0..<Self.rounds {
      let place = Self.place(of: stream.nextUniform() * total, in: scratch.cumulative)
      scratch.counts[place] += 1
    }
    scratch.pairs.removeAll(keepingCapacity: true)
    for (place, count) in scratch.counts.enumerated() where count > 0 {
      let id = UInt32(order[scratch.candidates[place]])
      scratch.pairs.append((id, count))
    }
    scratch.pairs.sort { $0.id < $1.id }
  }

  /// The first place whose cumulative probability is above `point`, by halving; the last where
  /// rounding leaves none.
  private static func place(of point: Double, in cumulative: [Double]) -> Int {
    var (low, high) = (0, cumulative.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > point { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Draws from a fixed distribution over 0..<count in constant time.
///
/// Every index has a slot of equal width that it shares with one other index, its alias. Source:
/// Vose, "A linear algorithm for generating random numbers with a given distribution" (1991).
struct AliasTable: Sendable {
  /// The share of a slot that belongs to its own index, as a fraction of 2^64.
  private var thresholds: [UInt64]
  private var aliases: [UInt32]

  /// The distribution in proportion to `weights`: positive and finite, 1 to 2^32 of them.
  init(weights: [Double]) {
    let scale = Double(weights.count) / weights.reduce(0, +)
    var shares = weights.map { $0 * scale }
    thresholds = Array(repeating: .max, count: weights.count)
    aliases = weights.indices.map { UInt32($0) }
    var small = weights.indices.filter { shares[$0] < 1 }
    var large = weights.indices.filter { shares[$0] >= 1 }
    // What rounding leaves in either list owns its slot whole.
    while let low = small.popLast(), let high = large.popLast() {
      thresholds[low] = UInt64(shares[low] * 0x1p64)
      aliases[low] = UInt32(high)
      shares[high] -= 1 - shares[low]
      if shares[high] < 1 { small.append(high) } else { large.append(high) }
    }
  }

  /// The next index; uses one word of the stream.
  func draw(_ stream: inout RandomStream) -> Int {
    let (slot, fraction) = stream.next().multipliedFullWidth(by: UInt64(aliases.count))
    return fraction < thresholds[Int(slot)] ? Int(slot) : Int(aliases[Int(slot)])
  }
}

extension RandomStream {
  /// The next number of the exponential distribution with mean 1; uses one word.
  mutating func nextExponential() -> Double {
    // 1 - u lies in (0, 1], whose logarithm is finite.
    -log(1 - nextUniform())
  }

  /// The next number of the gamma distribution of a whole shape: the sum of as many exponential
  /// variables, times `scale`. Uses `shape` words.
  mutating func nextGamma(shape: Int, scale: Double) -> Double {
    var sum = 0.0
    for _ in 0..<shape { sum += nextExponential() }
    return sum * scale
  }
}
