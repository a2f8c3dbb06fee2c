import RefluxFiles
import RefluxStorage
import RefluxTargets

/// Everything in a store, in the form that reference.py prints.
struct GoldenDescription: Codable, Equatable {
  struct Provenance: Codable, Equatable {
    var tokenizerHash: String
    var tokensHash: String
    var teacherHash: String
    var teacher: String
    var estimator: String
    var packing: String
    var software: String
    var rounds: Int
    var tau: Double
    var seed: UInt64
    var contextLength: Int
    var stride: Int
    var created: Int
    var notes: [String: String]
    var target: String?
    var temperature: Double?
    var gamma: Double?
  }

  struct Sample: Codable, Equatable {
    var ids: [UInt32]
    var counts: [UInt32]?
    var weights: [Double]?
    var extras: [String: Double]?
  }

  var file: String
  var kind: String
  var formatVersion: Int
  var files: Int
  var records: Int
  var firstPosition: Int
  var vocabularySize: Int
  var knownVocabulary: Int
  var recordsPerBlock: Int
  var blocks: Int
  var compressedBlocks: Int
  var fingerprint: String
  var provenance: Provenance
  var documents: [Int]?
  var tokens: [UInt32]?
  var capacity: Int?
  var values: String?
  var samples: [Sample]?

  init(name: String, path: String) throws {
    let inspection = try StoreInspection(path: path)
    let header = inspection.header
    file = name
    kind = "\(header.kind)"
    formatVersion = inspection.formatVersion
    files = inspection.files
    records = inspection.records
    firstPosition = header.firstPosition
    vocabularySize = header.vocabularySize
    knownVocabulary = header.knownVocabulary
    recordsPerBlock = header.recordsPerBlock
    blocks = inspection.blocks
    compressedBlocks = inspection.compressedBlocks
    fingerprint = Self.hex(inspection.fingerprint ?? 0)
    provenance = Self.provenance(header.provenance)
    switch header.kind {
    case .tokens: try read(TokenStore(path: path))
    case .samples: try read(SampleStore(path: path))
    }
  }

  private mutating func read(_ store: TokenStore) throws {
    documents = try store.documentStarts()
    tokens = try store.makeReader().read(0..<store.count)
  }

  private mutating func read(_ store: SampleStore) throws {
    capacity = store.capacity
    values = store.header.values.rawValue
    let reader = store.makeReader()
    samples = try (0..<store.count).map { number in
      let record = try reader.record(number)
      let extras = record.extras.map { ($0.key.rawValue, Double($0.value)) }
      return Sample(
        ids: record.ids, counts: store.isWeighted ? nil : record.counts,
        weights: store.isWeighted ? record.weights.map(Double.init) : nil,
        extras: extras.isEmpty ? nil : Dictionary(uniqueKeysWithValues: extras))
    }
  }

  private static func provenance(_ source: StoreProvenance) -> Provenance {
    Provenance(
      tokenizerHash: hex(source.tokenizerHash), tokensHash: hex(source.tokensHash),
      teacherHash: hex(source.teacherHash), teacher: source.teacher,
      estimator: source.estimator, packing: source.packing, software: source.software,
      rounds: source.rounds, tau: source.tau, seed: source.seed,
      contextLength: source.contextLength, stride: source.stride, created: source.created,
      notes: source.notes, target: source.isCorrected ? nil : source.target,
      temperature: source.temperature == 1 ? nil : source.temperature, gamma: source.gamma)
  }

  static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
