package import RefluxFiles

/// Writes a sample store: one set per token position in the order of the positions, then `seal`.
///
/// Until then everything stands in `path + ".partial"`; after an error or the end of the process,
/// `resume` continues it. Belongs to one thread.
public final class SampleStoreWriter {
  private let writer: StoreFileWriter
  private let header: StoreHeader
  private var packer: PackedEncoder?
  private var pending: PendingSets

  /// Starts a sample store, replacing an abandoned partial file.
  ///
  /// - Parameter path: where the store appears when it is sealed.
  /// - Throws: `configuration`, or `file` where the partial file cannot be written.
  public convenience init(
    path: String, configuration: SampleStoreConfiguration
  ) throws(StoreError) {
    try self.init(path: path, configuration: configuration, fileID: .random(in: 0 ... .max))
  }

  package convenience init(
    path: String, configuration: SampleStoreConfiguration, fileID: UInt64,
    calls: FileCalls = .system
  ) throws(StoreError) {
    let header = try StoreHeader.samples(configuration, fileID: fileID)
    let dictionary = try configuration.dictionary()
    self.init(
      try StoreFileWriter(
        path: path, header: header, dictionary: dictionary, level: configuration.level,
        calls: calls), dictionary)
  }

  private init(_ writer: StoreFileWriter, _ dictionary: RankDictionary?) {
    self.writer = writer
    header = writer.header
    pending = PendingSets(header, first: writer.recordsInBlocks)
    packer = header.canPack ? dictionary.map { PackedEncoder(writer.header, $0) } : nil
  }

  /// Resumes the partial file of `path`, or starts a new one where there is none.
  ///
  /// Keeps the full blocks that the file holds and cuts off the rest; `recordCount` then says at
  /// which record to continue.
  ///
  /// - Throws: what `init` throws, `differentPartial` where the partial file was begun with other
  ///   settings, and `damaged` where one of its records breaks a rule.
  /// - Complexity: decodes the whole partial file once, to check it and to continue its
  ///   fingerprint.
  public static func resume(
    path: String, configuration: SampleStoreConfiguration
  ) throws(StoreError) -> SampleStoreWriter {
    let expected = try StoreHeader.samples(configuration, fileID: 0)
    guard let partial = try PartialFile(of: path, expected: expected) else {
      return try SampleStoreWriter(path: path, configuration: configuration)
    }
    var decoder = SampleBlockDecoder(partial.header, partial.dictionary)
    var fingerprint: UInt64 = 0
    let found = try partial.fullBlocks { (block) throws(StoreFault) in
      let first = block.header.block * partial.header.recordsPerBlock
      try decoder.decode(partial.file.bytes, offset: block.offset, block.header)
      try decoder.checkRules(block.header, first: first)
      fingerprint &+= decoder.fingerprint(position: partial.header.firstPosition + first)
    }
    let writer = try StoreFileWriter(
      resuming: path, header: partial.header, blocks: found.blocks, end: found.end,
      level: configuration.level, calls: .system)
    writer.fingerprint = fingerprint
    return SampleStoreWriter(writer, partial.dictionary)
  }

  /// Removes the partial file.
  func discard() { writer.discard() }

  /// The fingerprint of the records so far.
  var fingerprint: UInt64 { writer.fingerprint &+ pending.fingerprint }
  /// Records so far; the next one belongs to the position `firstPosition` + `recordCount`.
  public var recordCount: Int { writer.recordsInBlocks + pending.block.count }

  /// Appends a counted record.
  ///
  /// Traps in a weighted store.
  ///
  /// - Parameters:
  ///   - ids: distinct ids in any order.
  ///   - counts: how often each was drawn, at least once; they sum to the rounds of the store.
  ///   - token: the id at this position of the token store, so that each block can be checked
  ///     against its tokens alone; nil leaves that out for the block.
  ///   - extras: the optional fields of the store in their order.
  /// - Throws: `refused` before anything is written if the record breaks a rule, `file` where the
  ///   system refuses, and `writerFailed` after that.
  public func append(
    ids: Span<UInt32>, counts: Span<UInt32>, token: UInt32? = nil, extras: [Float] = []
  ) throws(StoreError) {
    precondition(!header.isWeighted, "the store takes weights")
    try check(ids.count, counts.count)
    try append(ids, counts, token, extras)
  }

  /// Appends a weighted record: distinct ids in any order, each with a finite weight of at least 0,
  /// which is rounded to what the store's encoding holds.
  ///
  /// Traps in a counted store.
  ///
  /// - Throws: as the other `append`.
  public func append(
    ids: Span<UInt32>, weights: Span<Float>, token: UInt32? = nil, extras: [Float] = []
  ) throws(StoreError) {
    precondition(header.isWeighted, "the store takes counts")
    try check(ids.count, weights.count)
    let column = WeightColumn(header.values)
    var bits: [UInt32] = []
    bits.reserveCapacity(weights.count)
    for index in 0..<weights.count {
      guard let rounded = column.rounded(weights[index]) else {
        throw .refused(
          record: recordCount, .weightRange(weights[index], id: ids[index], header.values))
      }
      bits.append(rounded.bitPattern)
    }
    try append(ids, bits.span, token, extras)
  }

  /// Appends a counted record; see the overload for spans.
  public func append(
    ids: [UInt32], counts: [UInt32], token: UInt32? = nil, extras: [Float] = []
  ) throws(StoreError) {
    try append(ids: ids.span, counts: counts.span, token: token, extras: extras)
  }

  /// Appends a weighted record; see the overload for spans.
  public func append(
    ids: [UInt32], weights: [Float], token: UInt32? = nil, extras: [Float] = []
  ) throws(StoreError) {
    try append(ids: ids.span, weights: weights.span, token: token, extras: extras)
  }

  /// Appends sets of a block of another store of the same schema, which are in the order of their
  /// ids and obey the rules.
  ///
  /// - Parameters:
  ///   - slots: which sets of the block.
  ///   - hash: the sum of the tokens of just these sets, 0 if unknown; it is kept where
  ///     they all go into one block.
  ///   - tokens: the ids at their positions, where they are at hand: then `hash` is not needed.
  func append(
    _ sets: borrowing SampleBlock, _ slots: Range<Int>, tokensHash hash: UInt64,
    tokens: [UInt32]? = nil
  ) throws(StoreError) {
    try writer.checkUsable()
    let fits = hash != 0 && pending.block.count + slots.count <= header.recordsPerBlock
    if tokens == nil { pending.addTokens(fits ? hash : nil) }
    for (index, record) in slots.enumerated() {
      let range = sets.range(record)
      if let tokens { pending.addToken(tokens[index]) }
      pending.append(
        ids: sets.ids.span.extracting(range), values: sets.values.span.extracting(range),
        extras: sets.extras.span.extracting(sets.extraRange(record)))
      if pending.block.count == header.recordsPerBlock { try writeBlock() }
    }
    // The rest of the sets begins a block whose sum is not known either.
    if tokens == nil, !fits, pending.block.count > 0 { pending.addTokens(nil) }
  }

  private func check(_ ids: Int, _ values: Int) throws(StoreError) {
    try writer.checkUsable()
    if ids != values {
      throw .refused(record: recordCount, .unequal(ids: ids, values: values))
    }
  }

  private func append(
    _ ids: Span<UInt32>, _ values: Span<UInt32>, _ token: UInt32?, _ extras: [Float]
  ) throws(StoreError) {
    let bits = extras.map(\.bitPattern)
    let fault = pending.append(ids: ids, values: values, token: token, extras: bits.span)
    if let fault { throw .refused(record: recordCount, fault) }
    if pending.block.count == header.recordsPerBlock { try writeBlock() }
  }

  private func writeBlock() throws(StoreError) {
    let isKnown = header.provenance.tokensHash != 0
    let hash = isKnown ? pending.tokensHash ?? 0 : 0
    let size = pending.block.columnBytes(header)
    let packed =
      packer == nil
      ? nil
      : writer.encoder.encode(
        pending.block, with: &packer!, columns: size, block: writer.nextBlock, tokensHash: hash)
    if let packed {
      try writer.write(packed)
    } else {
      _ = pending.block.store(to: &writer.encoder.columns, header)
      let plain = writer.encoder.encode(
        size, records: pending.block.count, block: writer.nextBlock, tokensHash: hash)
      try writer.write(plain)
    }
    writer.fingerprint &+= pending.fingerprint
    pending.removeAll()
  }

  /// Ends the store: flushes it to the medium and gives it its name.
  ///
  /// - Throws: `file` or `writerFailed`; the partial file then stays.
  public func seal() throws(StoreError) -> StoreSummary {
    try writer.checkUsable()
    if pending.block.count > 0 { try writeBlock() }
    return try writer.seal()
  }
}
