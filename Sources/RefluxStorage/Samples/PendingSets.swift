/// The sets of the block that a writer is filling, and what it sums up over them.
struct PendingSets {
  private(set) var block: SampleBlock
  /// The sum of the fingerprints of the sets.
  private(set) var fingerprint: UInt64 = 0
  /// What the tokens of the block contribute to their fingerprint; nil once one was not given.
  private(set) var tokensHash: UInt64? = 0
  /// The position of the first set.
  private var position: Int
  private let rules: SampleRules
  private var hasher = RecordHasher()

  /// - Parameter first: the records before the block.
  init(_ header: StoreHeader, first: Int) {
    block = SampleBlock(header)
    rules = SampleRules(header)
    position = header.firstPosition + first
  }

  /// Appends a set, its ids in any order, if it breaks no rule; else says which.
  mutating func append(
    ids: Span<UInt32>, values: Span<UInt32>, token: UInt32?, extras: Span<UInt32>
  ) -> RecordFault? {
    if extras.count != rules.extras.count {
      return .extraCount(extras.count, expected: rules.extras.count)
    }
    // More pairs than the block has room for are refused where they stand.
    if ids.count > rules.capacity { return rules.fault(ids: ids, values: values, extras: extras) }
    block.stage(ids: ids, values: values)
    let pairs = block.pairs..<block.pairs + ids.count
    let fault = rules.fault(
      ids: block.ids.span.extracting(pairs), values: block.values.span.extracting(pairs),
      extras: extras)
    if let fault { return fault }
    addToken(token)
    commit(pairs, extras)
    return nil
  }

  /// Appends a set that obeys the rules, its ids ascending.
  mutating func append(ids: Span<UInt32>, values: Span<UInt32>, extras: Span<UInt32>) {
    block.stage(ids: ids, values: values)
    commit(block.pairs..<block.pairs + ids.count, extras)
  }

  /// Takes the token of the set that comes next into their sum; nil if it is not known.
  mutating func addToken(_ token: UInt32?) {
    addTokens(token.map { TokenHash.of($0, position: position + block.count) })
  }

  /// Takes the sum of some sets' tokens into that of the block; nil if it is not known.
  mutating func addTokens(_ hash: UInt64?) {
    tokensHash = tokensHash.flatMap { sum in hash.map { sum &+ $0 } }
  }

  private mutating func commit(_ pairs: Range<Int>, _ extras: Span<UInt32>) {
    fingerprint &+= Self.hash(
      block, pairs, extras, position: position + block.count, with: &hasher)
    block.commit(pairs.count, extras: extras)
  }

  @inline(__always)
  private static func hash(
    _ block: borrowing SampleBlock, _ pairs: Range<Int>, _ extras: Span<UInt32>, position: Int,
    with hasher: inout RecordHasher
  ) -> UInt64 {
    hasher.hash(
      ids: block.ids.span.extracting(pairs), values: block.values.span.extracting(pairs),
      extras: extras, position: position)
  }

  /// Begins the next block.
  mutating func removeAll() {
    position += block.count
    block.removeAll()
    fingerprint = 0
    tokensHash = 0
  }
}
