import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// The three ways to write a store, behind one interface, with content that follows from the
/// number of a record.
enum WriterSubject: String, CaseIterable, Sendable, Codable {
  case tokens
  case plain
  case packed

  static let rounds = 20
  static let vocabulary = 2000
  static let documentLength = 7

  /// The id of token `record`.
  static func id(_ record: Int) -> UInt32 {
    var random = TestRandom(seed: UInt64(record))
    return UInt32.random(in: 0..<UInt32(vocabulary), using: &random)
  }

  /// Sample set `record`.
  static func set(_ record: Int) -> StoreSamples.CountedSet {
    var random = TestRandom(seed: UInt64(record))
    return StoreSamples.set(vocabulary: vocabulary, rounds: rounds, using: &random)
  }

  func tokenConfiguration(_ perBlock: Int) -> TokenStoreConfiguration {
    StoreSamples.tokenConfiguration(vocabulary: Self.vocabulary, perBlock: perBlock)
  }

  func sampleConfiguration(_ perBlock: Int) -> SampleStoreConfiguration {
    StoreSamples.configuration(
      vocabulary: Self.vocabulary, rounds: Self.rounds,
      encoding: self == .packed ? .packed : .plain, perBlock: perBlock)
  }

  /// A writer of a new store.
  func begin(
    _ path: String, perBlock: Int, calls: FileCalls = .system, fileID: UInt64 = 5
  ) throws -> SubjectWriter {
    if self == .tokens {
      return SubjectWriter(
        tokens: try TokenStoreWriter(
          path: path, configuration: tokenConfiguration(perBlock), fileID: fileID, calls: calls))
    }
    return SubjectWriter(
      samples: try SampleStoreWriter(
        path: path, configuration: sampleConfiguration(perBlock), fileID: fileID, calls: calls))
  }

  /// A writer that goes on with what another one left.
  func resume(_ path: String, perBlock: Int) throws -> SubjectWriter {
    if self == .tokens {
      return SubjectWriter(
        tokens: try TokenStoreWriter.resume(
          path: path, configuration: tokenConfiguration(perBlock)))
    }
    return SubjectWriter(
      samples: try SampleStoreWriter.resume(
        path: path, configuration: sampleConfiguration(perBlock)))
  }

  /// Checks every byte of the sealed store at `path`, and every `step`-th record of its content.
  func check(_ path: String, records: Int, step: Int = 1) throws {
    let verification = try StoreVerification.verify(path: path)
    #expect(verification.isValid, "\(verification.failures)")
    if self == .tokens {
      let store = try TokenStore(path: path)
      #expect(store.count == records)
      #expect(try StoreSamples.readAll(store) == (0..<records).map(Self.id))
      let starts = Array(stride(from: 0, to: records, by: Self.documentLength))
      #expect(try store.documentStarts() == starts)
      return
    }
    let store = try SampleStore(path: path)
    #expect(store.count == records)
    let reader = store.makeReader()
    for record in stride(from: 0, to: records, by: step) {
      let (found, expected) = (try reader.record(record), Self.set(record))
      #expect(found.ids == expected.ids && found.counts == expected.counts, "\(record)")
    }
  }
}

/// A writer of one of the kinds, and how far it is.
final class SubjectWriter {
  private var tokens: TokenStoreWriter?
  private var samples: SampleStoreWriter?
  /// Records that were given to the writer: after a resume of tokens it starts at 0 again.
  private(set) var position = 0

  init(tokens: TokenStoreWriter) { self.tokens = tokens }

  init(samples: SampleStoreWriter) {
    self.samples = samples
    position = samples.recordCount
  }

  /// Records that the writer holds.
  var recordCount: Int { tokens?.recordCount ?? samples?.recordCount ?? 0 }

  /// Appends the next records up to `end`; tokens as whole documents, the last one cut at `end`.
  func append(to end: Int) throws {
    while position < end {
      if let tokens {
        let next = min(end, position + WriterSubject.documentLength)
        try tokens.append(document: (position..<next).map(WriterSubject.id))
        position = next
      } else {
        let set = WriterSubject.set(position)
        try samples?.append(ids: set.ids, counts: set.counts)
        position += 1
      }
    }
  }

  func seal() throws -> StoreSummary {
    if let tokens { return try tokens.seal() }
    return try samples!.seal()
  }
}
