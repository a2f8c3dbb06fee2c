import RefluxFiles
import RefluxStorage

/// Everything in a store, in the form that reference.py prints.
struct GoldenDescription: Codable, Equatable {
  struct Provenance: Codable, Equatable {
    var tokenizer_hash: String
    var tokens_hash: String
    var teacher: String
    var estimator: String
    var rounds: Int
    var tau: Double
    var seed: UInt64
    var context_length: Int
    var stride: Int
  }

  struct Sample: Codable, Equatable {
    var ids: [UInt32]
    var counts: [UInt32]?
    var weights: [Double]?
  }

  var file: String
  var kind: String
  var format_version: Int
  var records: Int
  var vocabulary_size: Int
  var records_per_block: Int
  var blocks: Int
  var compressed_blocks: Int
  var fingerprint: String
  var provenance: Provenance
  var documents: [Int]?
  var tokens: [UInt32]?
  var capacity: Int?
  var samples: [Sample]?

  init(name: String, path: String) throws {
    let inspection = try StoreInspection(path: path)
    let header = inspection.header
    file = name
    kind = "\(header.kind)"
    format_version = inspection.formatVersion
    records = inspection.records
    vocabulary_size = header.vocabularySize
    records_per_block = header.recordsPerBlock
    blocks = inspection.blocks
    compressed_blocks = inspection.compressedBlocks
    fingerprint = Self.hex(inspection.fingerprint ?? 0)
    provenance = Self.provenance(header.provenance)
    switch header.kind {
    case .tokens: try read(TokenStore(path: path))
    case .samples: try read(SampleStore(path: path))
    }
  }

  private mutating func read(_ store: TokenStore) throws {
    documents = store.documentStarts
    tokens = try store.makeReader().read(0..<store.count)
  }

  private mutating func read(_ store: SampleStore) throws {
    capacity = store.capacity
    let reader = store.makeReader()
    samples = try (0..<store.count).map { number in
      let record = try reader.record(number)
      return Sample(
        ids: record.ids, counts: store.isWeighted ? nil : record.counts,
        weights: store.isWeighted ? record.weights.map(Double.init) : nil)
    }
  }

  private static func provenance(_ source: StoreProvenance) -> Provenance {
    Provenance(
      tokenizer_hash: hex(source.tokenizerHash), tokens_hash: hex(source.tokensHash),
      teacher: source.teacher, estimator: source.estimator, rounds: source.rounds,
      tau: source.tau, seed: source.seed, context_length: source.contextLength,
      stride: source.stride)
  }

  static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
