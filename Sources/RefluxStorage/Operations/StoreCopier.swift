/// Copies records of a store into new files of the same content.
///
/// What is read is held to every rule of the format and, shard by shard, to the fingerprint that
/// the source states; where they differ no file gets its name. Belongs to one thread.
final class StoreCopier {
  let source: StoreSet
  private let rewriting: StoreRewriting
  private let watch: StoreRewriting.Watch
  /// Records copied so far, and the sum of their fingerprints, in each shard.
  private var copied: [Int]
  private var sums: [UInt64]
  /// What the dictionary is made from, once that is known.
  private var frequencies: [UInt64]?

  /// Prepares a copy; nothing is read yet.
  ///
  /// - Throws: `configuration` where the source cannot be written as asked, and what
  ///   `SampleStore.check(against:)` throws where the tokens are others.
  init(
    _ source: StoreSet, _ rewriting: StoreRewriting, watch: @escaping StoreRewriting.Watch
  ) throws(StoreError) {
    self.source = source
    self.rewriting = rewriting
    self.watch = watch
    copied = Array(repeating: 0, count: source.shards.count)
    sums = Array(repeating: 0, count: source.shards.count)
    if source.header.kind == .tokens {
      guard rewriting.encoding != .packed else {
        throw .configuration("a store of tokens cannot be packed; leave out the encoding")
      }
      guard rewriting.tokens == nil else {
        throw .configuration("a store of tokens belongs to no other tokens; name none")
      }
      return
    }
    if let tokens = rewriting.tokens {
      try tokens.checkWhole()
      try SampleStore(source).check(against: tokens)
    }
    guard encoding == .plain || canPack else {
      throw .configuration(
        "sets of \(source.header.provenance.rounds) rounds cannot be packed, expected at most "
          + "\(StoreLimits.maximumPackedRounds); use the plain encoding")
    }
  }

  /// Writes `records` to a new store at `path`.
  ///
  /// - Throws: what reading and writing throws; `damaged` also where the source's content is not
  ///   that of its fingerprint; `stopped`. Then no partial file stays: it could not be resumed.
  func copy(_ records: Range<Int>, to path: String) throws(StoreError) -> StoreSummary {
    switch source.header.kind {
    case .tokens: try copyTokens(records, to: path)
    case .samples: try copySamples(records, to: path)
    }
  }

  private func copyTokens(_ records: Range<Int>, to path: String) throws(StoreError) -> StoreSummary
  {
    var configuration = TokenStoreConfiguration(like: source.header)
    configuration.firstPosition += records.lowerBound
    configuration.level = rewriting.level
    if let software = rewriting.software { configuration.provenance.software = software }
    let writer = try TokenStoreWriter(path: path, configuration: configuration)
    do throws(StoreError) {
      try TokenWalk(source).forEachBlock(of: records) { ids, documents, place throws(StoreError) in
        let before = writer.fingerprint
        try append(ids, documents, place.slots, to: writer)
        try note(place, sum: writer.fingerprint &- before)
      }
      return try writer.seal()
    } catch {
      writer.discard()
      throw error
    }
  }

  /// Appends the ids of `slots`, cut where documents start; the first piece continues the
  /// document before, unless one starts there.
  private func append(
    _ ids: [UInt32], _ documents: [Int], _ slots: Range<Int>, to writer: TokenStoreWriter
  ) throws(StoreError) {
    var start = slots.lowerBound
    var isNew = false
    for document in documents where slots.contains(document) {
      try writer.append(ids.span.extracting(start..<document), startingDocument: isNew)
      (start, isNew) = (document, true)
    }
    try writer.append(ids.span.extracting(start..<slots.upperBound), startingDocument: isNew)
  }

  private func copySamples(
    _ records: Range<Int>, to path: String
  ) throws(StoreError) -> StoreSummary {
    let writer = try SampleStoreWriter(
      path: path, configuration: try configuration(first: records.lowerBound))
    do throws(StoreError) { return try copySamples(records, to: writer) } catch {
      writer.discard()
      throw error
    }
  }

  private func copySamples(
    _ records: Range<Int>, to writer: SampleStoreWriter
  ) throws(StoreError) -> StoreSummary {
    let reader = rewriting.tokens?.makeReader()
    let first = source.header.firstPosition
    try SampleWalk(source, isStrict: true).forEachBlock(of: records) {
      sets, place throws(StoreError) in
      let positions = first + place.records.lowerBound..<first + place.records.upperBound
      let ids = try reader.map { reader throws(StoreError) in try reader.read(positions) }
      let before = writer.fingerprint
      let hash = place.isWhole ? place.scanned.header.tokensHash : 0
      try writer.append(sets, place.slots, tokensHash: hash, tokens: ids)
      try note(place, sum: writer.fingerprint &- before)
    }
    return try writer.seal()
  }

  /// Counts what was copied; compares the sum of a shard with its trailer once all of it is.
  private func note(_ place: WalkedBlock, sum: UInt64) throws(StoreError) {
    sums[place.shard] &+= sum
    copied[place.shard] += place.slots.count
    let trailer = place.file.trailer
    if copied[place.shard] == trailer.records, sums[place.shard] != trailer.fingerprint {
      throw source.naming(
        .damaged(
          .trailer, offset: trailer.fileBytes - StoreLimits.trailerBytes + 48,
          .checksum(expected: trailer.fingerprint, found: sums[place.shard])),
        shard: place.shard)
    }
    guard watch(.write, copied.reduce(0, +), source.count) else { throw .stopped }
  }
}

/// The form of the copies.
extension StoreCopier {
  private var canPack: Bool {
    let header = source.header
    return header.isWeighted || header.provenance.rounds <= StoreLimits.maximumPackedRounds
  }

  /// As asked, else packed where some shard is.
  private var encoding: SampleEncoding {
    let isPacked = canPack && source.shards.contains { $0.dictionary != nil }
    return rewriting.encoding ?? (isPacked ? .packed : .plain)
  }

  /// What makes a copy from record `first` on.
  private func configuration(first: Int) throws(StoreError) -> SampleStoreConfiguration {
    var result = SampleStoreConfiguration(like: source.header, nil)
    result.firstPosition += first
    result.level = rewriting.level
    result.encoding = encoding
    if let software = rewriting.software { result.provenance.software = software }
    if encoding == .packed { result.frequencies = try dictionaryFrequencies() }
    return result
  }

  private func dictionaryFrequencies() throws(StoreError) -> [UInt64] {
    if let frequencies { return frequencies }
    let result: [UInt64]
    if !rewriting.countsAnew, let common = commonDictionary {
      result = common.frequencies
    } else {
      let total = source.count
      result = try SampleWalk(source, isStrict: false).frequencies { watch(.count, $0, total) }
    }
    frequencies = result
    return result
  }

  /// The dictionary of all shards; nil where they have none or several.
  private var commonDictionary: RankDictionary? {
    guard let first = source.shards[0].dictionary else { return nil }
    let isCommon = source.shards.allSatisfy { $0.dictionary?.classes == first.classes }
    return isCommon ? first : nil
  }
}

/// How stores are written anew without a change of their content.
public struct StoreRewriting: Sendable {
  /// What a rewriting is doing.
  public enum Stage: Sendable {
    /// Counting how often each id stands in a set, for the dictionary of a packed store.
    case count
    /// Copying the records.
    case write
  }

  /// Told now and then how many records a stage has done; false stops the work.
  public typealias Watch = (_ stage: Stage, _ done: Int, _ total: Int) -> Bool

  /// How sets are encoded; nil as they are in the source.
  public var encoding: SampleEncoding?
  /// 0 for LZ4's fast mode, 1 to 12 for its slower and smaller ones.
  public var level = 0
  /// What writes, for the provenance; nil keeps what the source says.
  public var software: String?
  /// The token store that samples belong to: with it every block carries the sum of its tokens.
  /// Without it only blocks do that are made of whole blocks which carry one.
  public var tokens: TokenStore?
  /// Whether a packed store gets a new dictionary, from how often each id stands in its own sets;
  /// otherwise that of the source is kept where there is one for all shards.
  var countsAnew = false

  /// Everything as in the source.
  public init() {}
}
