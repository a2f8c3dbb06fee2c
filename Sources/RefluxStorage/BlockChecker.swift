import RefluxBytes
import RefluxFiles

/// Decodes blocks of either kind, checks every rule of their records, and gathers what the trailer
/// and the index say about the whole.
struct BlockChecker: ~Copyable {
  /// The content fingerprint of the blocks so far.
  private(set) var hash = XXH64()
  /// The document starts so far, as records of the store.
  private(set) var documents: [Int] = []
  private let header: StoreHeader
  private var tokens: TokenBlockDecoder?
  private var samples: SampleBlockDecoder?

  init(_ header: StoreHeader) {
    self.header = header
    switch header.kind {
    case .tokens: tokens = TokenBlockDecoder(header)
    case .samples: samples = SampleBlockDecoder(header)
    }
  }

  /// Checks the content of a block whose header and checksum are right.
  mutating func check(_ file: MappedFile, _ block: ScannedBlock) throws(StoreFault) {
    if tokens != nil {
      try tokens?.decode(file, block)
      let first = block.header.block * header.recordsPerBlock
      documents += tokens?.documentSlots.map { first + $0 } ?? []
      let ids = tokens?.ids ?? []
      // Safe because a UInt32 has no padding.
      unsafe hash.update(ids.span.bytes)
    } else {
      var hash = hash
      try samples?.decode(file, block) { ids, values in
        hash.update(record: ids, values: values)
      }
      self.hash = hash
    }
  }
}
