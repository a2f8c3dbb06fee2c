import RefluxFiles
import RefluxStorage
import TestSupport

/// The makers of the files under Formats/Store/golden.
///
/// The files are made once and kept; `REFLUX_WRITE_GOLDEN=1 swift test --filter GoldenTests` writes
/// them anew after a change of the format.
enum GoldenStores {
  static let folder = RepositoryFolder.file("Formats/Store/golden")

  static let valid = [
    "tokens-empty", "tokens-1-byte", "tokens-2-byte", "tokens-3-byte", "tokens-4-byte",
    "samples-empty", "samples-counts", "samples-raw", "samples-wide-counts", "samples-weights",
  ]

  static func path(valid name: String) -> String { folder + "/valid/\(name).rfx" }
  static func path(invalid name: String) -> String { folder + "/invalid/\(name).rfx" }

  /// Writes the valid store `name` to `path`.
  static func make(_ name: String, path: String) throws {
    switch name {
    case "tokens-empty": try tokens(path, [], vocabulary: 256, perBlock: 8)
    case "tokens-1-byte":
      try tokens(path, [[5, 6, 7, 5, 6, 7, 5], [255], [0, 1]], vocabulary: 256, perBlock: 64)
    case "tokens-2-byte":
      let first = (0..<70).map { UInt32($0 % 7 * 500) }
      try tokens(path, [first, [4095, 1], first, [9]], vocabulary: 4096, perBlock: 64)
    case "tokens-3-byte":
      let ids = StoreSamples.ids(30, vocabulary: 100_000, seed: 1)
      try tokens(path, [ids, [99_999]], vocabulary: 100_000, perBlock: 16)
    case "tokens-4-byte":
      try tokens(path, [[1 << 31 - 1, 0], [1 << 24]], vocabulary: 1 << 31, perBlock: 2)
    case "samples-empty": try counts(path, 0, vocabulary: 300, rounds: 4, perBlock: 4)
    case "samples-counts": try counts(path, 10, vocabulary: 300, rounds: 8, perBlock: 4)
    case "samples-raw": try raw(path)
    case "samples-wide-counts":
      try counts(path, 3, vocabulary: 70_000, rounds: 300, perBlock: 2)
    default: try weights(path)
    }
  }

  private static func tokens(
    _ path: String, _ documents: [[UInt32]], vocabulary: Int, perBlock: Int
  ) throws {
    let writer = try TokenStoreWriter(
      path: path, vocabularySize: vocabulary,
      provenance: StoreProvenance(tokenizerHash: 0x0123_4567_89AB_CDEF),
      fileID: 0x1122_3344_5566_7788, recordsPerBlock: perBlock)
    for document in documents { try writer.append(document: document) }
    _ = try writer.seal()
  }

  private static func counts(
    _ path: String, _ count: Int, vocabulary: Int, rounds: Int, perBlock: Int
  ) throws {
    let writer = try SampleStoreWriter(
      path: path, vocabularySize: vocabulary, capacity: rounds, weighted: false,
      provenance: StoreSamples.provenance(rounds: rounds, tokens: 0xFEDC_BA98_7654_3210),
      fileID: 0x1122_3344_5566_7788, recordsPerBlock: perBlock)
    for set in StoreSamples.sets(count, vocabulary: vocabulary, rounds: rounds, seed: 4) {
      try writer.append(ids: set.ids, counts: set.counts)
    }
    _ = try writer.seal()
  }

  /// Records so short that LZ4 gains nothing.
  private static func raw(_ path: String) throws {
    let writer = try SampleStoreWriter(
      path: path, vocabularySize: 300, capacity: 2, weighted: false,
      provenance: StoreSamples.provenance(rounds: 2), fileID: 0x1122_3344_5566_7788,
      recordsPerBlock: 2)
    try writer.append(ids: [5, 299], counts: [1, 1])
    try writer.append(ids: [7], counts: [2])
    try writer.append(ids: [6, 8], counts: [1, 1])
    _ = try writer.seal()
  }

  private static func weights(_ path: String) throws {
    let writer = try SampleStoreWriter(
      path: path, vocabularySize: 50_000, capacity: 3, weighted: true,
      provenance: StoreProvenance(
        tokenizerHash: 1, tokensHash: 2, teacher: "t", estimator: "topk", rounds: 3, tau: 1,
        seed: 0, contextLength: 64, stride: 64),
      fileID: 0x1122_3344_5566_7788, recordsPerBlock: 2)
    try writer.append(ids: [40_000, 7, 123], weights: [0.25, 0.5, 0.125])
    try writer.append(ids: [1, 2], weights: [1, 0])
    try writer.append(ids: [], weights: [])
    _ = try writer.seal()
  }
}
