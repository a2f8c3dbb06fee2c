import Foundation
import RefluxFiles
import TestSupport
import Testing

@testable import RefluxStorage

/// What a header promises does not make a reader allocate more than the format's limits allow.
@Suite(.serialized) struct AllocationTests {
  let folder = TemporaryFolder(isSmall: true)
  static let limit = 64 << 20

  /// The most memory that the process has had, in bytes.
  static var peak: Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss * 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }

  /// Everything that reads; errors are as good as answers.
  static func readAll(_ path: String) {
    _ = try? StoreInspection(path: path)
    if let store = try? TokenStore(path: path) {
      _ = try? store.documentStarts()
      _ = try? store.makeReader().read(0..<min(1, store.count))
      _ = try? store.frequencies()
    }
    if let store = try? SampleStore(path: path) { _ = try? store.makeReader().record(0) }
    _ = try? TokenStore(following: path)
    _ = try? SampleStore(following: path)
    _ = try? StoreVerification.verify(path: path)
  }

  /// The largest records that the rules allow, for each kind of value.
  static func largest(_ values: SampleValues) throws -> [UInt8] {
    let pair = 3 + (values == .counts ? 4 : values.field(capacity: 1, rounds: 1).width)
    let capacity = (1 << 24 - 4) / pair
    var configuration = SampleStoreConfiguration(
      vocabularySize: 1 << 24, capacity: capacity, values: values,
      provenance: StoreProvenance(rounds: capacity))
    configuration.extras = []
    let header = try StoreHeader.samples(configuration, fileID: 1)
    #expect(header.recordsPerBlock == 1 && header.recordBytes > 1 << 24 - 8)
    return header.encoded()
  }

  /// A block that promises `raw` bytes and holds next to nothing, and a trailer after it.
  static func sealed(_ header: [UInt8], raw: Int) -> [UInt8] {
    var forge = StoreForge(header)
    let start = header.count
    forge.bytes += [0x52, 0x46, 0x58, 0x42] + [UInt8](repeating: 0, count: 44 + 16)
    forge.set(1, at: start + 4, width: 4)
    forge.set(16, at: start + 16, width: 4)
    forge.set(UInt64(raw), at: start + 20, width: 4)
    forge.set(1, at: start + 24, width: 1)
    forge.fixBlock(at: start, as: 0)
    let index = forge.bytes.count
    forge.bytes += [UInt8](repeating: 0, count: 16)
    forge.set(UInt64(start), at: index, width: 8)
    var trailer = StoreTrailer()
    (trailer.records, trailer.blocks, trailer.compressedBlocks) = (1, 1, 1)
    (trailer.indexOffset, trailer.indexBytes) = (index, 16)
    trailer.fileBytes = index + 16 + 80
    forge.bytes += trailer.encoded(fileID: 1)
    forge.fixIndex()
    return forge.bytes
  }

  @Test(arguments: SampleValues.allCases) func largestRecords(values: SampleValues) async throws {
    let header = try Self.largest(values)
    let field = values.field(capacity: 1, rounds: 1 << 22).width
    let pairs = (1 << 24 - 4) / (3 + field)
    for raw in [4, 4 + pairs * (3 + field)] {
      let path = try folder.write(Self.sealed(header, raw: raw), to: "l.rfx")
      await expectLittle(path)
    }
  }

  @Test func everyGoldenFileUsesLittle() async throws {
    let list = try folder.write(
      Array(
        GoldenFault.all.map { GoldenStores.path(invalid: $0.name) }.joined(separator: "\n").utf8),
      to: "list")
    await #expect(processExitsWith: .exitCode(7)) { [list = list as String] in
      let before = Self.peak
      for path in try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n") {
        Self.readAll(String(path))
      }
      if Self.peak - before <= Self.limit { exit(7) }
    }
  }

  /// Tokens have the largest vocabulary of all, and no memory depends on it.
  @Test func largestVocabulary() async throws {
    let path = folder.file("t.rfx")
    _ = try StoreSamples.writeTokens(path, [[1 << 31 - 1]], vocabulary: 1 << 31)
    await expectLittle(path)
  }

  private func expectLittle(_ path: String) async {
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
      let before = Self.peak
      Self.readAll(path)
      if Self.peak - before <= Self.limit { exit(7) }
    }
  }
}
