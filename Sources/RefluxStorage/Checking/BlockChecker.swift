import RefluxBytes
import RefluxFiles

/// Decodes blocks of either kind, checks every rule of their records, and gathers what the trailer
/// and the index say about the whole.
struct BlockChecker: ~Copyable {
  /// What a run of blocks came to.
  struct Findings {
    var blocks = 0
    var records = 0
    var compressedBlocks = 0
    var fingerprint: UInt64 = 0
    /// The document starts, as records of the file.
    var documents: [Int] = []
    var failures = FailureLog()

    /// Adds the findings of the blocks after these.
    mutating func add(_ next: Findings) {
      blocks += next.blocks
      records += next.records
      compressedBlocks += next.compressedBlocks
      fingerprint &+= next.fingerprint
      documents += next.documents
      failures.add(next.failures)
    }
  }

  private(set) var findings = Findings()
  private let header: StoreHeader
  private var tokens: TokenBlockDecoder?
  private var samples: SampleBlockDecoder?
  /// The tokens that samples must belong to.
  private let reader: TokenReader?

  init(_ header: StoreHeader, _ dictionary: RankDictionary?, against tokens: TokenStore?) {
    self.header = header
    reader = header.kind == .samples ? tokens?.makeReader() : nil
    switch header.kind {
    case .tokens: self.tokens = TokenBlockDecoder(header)
    case .samples: samples = SampleBlockDecoder(header, dictionary)
    }
  }

  /// Takes the findings and starts anew.
  mutating func take() -> Findings {
    let result = findings
    findings = Findings()
    return result
  }

  /// Notes a block that could not even be checked.
  mutating func add(_ error: StoreError) {
    findings.blocks += 1
    findings.failures.add(error)
  }

  /// Checks the content of a block whose header and checksum are right.
  mutating func check(_ file: MappedFile, _ block: ScannedBlock) {
    findings.blocks += 1
    if block.header.codec != .raw { findings.compressedBlocks += 1 }
    do throws(StoreError) {
      do throws(StoreFault) {
        try checkContent(file, block)
      } catch {
        throw .damaged(.block(block.header.block), offset: block.offset, error)
      }
      findings.records += block.header.records
      try checkTokens(block)
    } catch {
      findings.failures.add(error)
    }
  }

  private mutating func checkContent(
    _ file: MappedFile, _ block: ScannedBlock
  ) throws(StoreFault) {
    let first = block.header.block * header.recordsPerBlock
    let position = header.firstPosition + first
    if tokens != nil {
      try tokens?.decode(file, block)
      findings.documents += tokens?.documentSlots.map { first + $0 } ?? []
      let ids = tokens?.ids ?? []
      findings.fingerprint &+= TokenHash.sum(ids.span, position: position)
    } else {
      try samples?.decode(file.bytes, offset: block.offset, block.header)
      try samples?.checkRules(block.header, first: first)
      findings.fingerprint &+= samples?.fingerprint(position: position) ?? 0
    }
  }

  /// Compares the block's sum of its tokens with the tokens.
  private func checkTokens(_ block: ScannedBlock) throws(StoreError) {
    guard let reader, block.header.tokensHash != 0 else { return }
    let first = header.firstPosition + block.header.block * header.recordsPerBlock
    let ids = try reader.read(first..<first + block.header.records)
    let found = TokenHash.sum(ids.span, position: first)
    guard found == block.header.tokensHash else {
      throw .damaged(
        .block(block.header.block), offset: block.offset,
        .otherTokens(expected: block.header.tokensHash, found: found))
    }
  }
}
