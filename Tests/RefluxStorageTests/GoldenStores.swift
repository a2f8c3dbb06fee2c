import RefluxFiles
import TestSupport

@testable import RefluxStorage

/// The makers of the files under Formats/Store/golden.
///
/// The files are made once and kept; `REFLUX_WRITE_GOLDEN=1 Tools/test GoldenTests` writes them
/// anew after a change of the format.
enum GoldenStores {
  static let folder = RepositoryFolder.file("Formats/Store/golden")

  /// Stores of one file.
  static let files = [
    "tokens-empty", "tokens-1-byte", "tokens-2-byte", "tokens-3-byte", "tokens-4-byte",
    "tokens-shard", "samples-empty", "samples-counts", "samples-lz4", "samples-2-byte-counts",
    "samples-4-byte-counts", "samples-float32", "samples-float16", "samples-logarithm8",
    "samples-extras", "samples-shard", "packed-empty", "packed-example", "packed-counts",
    "packed-single",
    "packed-empty-sets", "packed-float32", "packed-float16", "packed-logarithm8-extras",
    "packed-mixed", "samples-tempered", "samples-free-texts", "packed-temperature",
  ]
  /// Folders of shards.
  static let folders = ["tokens-folder", "samples-folder"]
  /// All of them under the names that expected.json has.
  static let all = files.map { $0 + ".rfx" } + folders

  static func path(valid name: String) -> String {
    folder + "/valid/" + (folders.contains(name) ? name : name + ".rfx")
  }
  static func path(invalid name: String) -> String { folder + "/invalid/" + name }

  static let fileID: UInt64 = 0x1122_3344_5566_7788

  /// Writes the valid store `name` to `path`.
  static func make(_ name: String, path: String) throws {
    if name.hasPrefix("tokens") { return try makeTokens(name, path: path) }
    if name.hasPrefix("packed") { return try makePacked(name, path: path) }
    try makeSamples(name, path: path)
  }

  private static func makeTokens(_ name: String, path: String) throws {
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
    case "tokens-shard": try shard(path)
    default: try tokensFolder(path)
    }
  }

  private static func tokens(
    _ path: String, _ documents: [[UInt32]], vocabulary: Int, perBlock: Int, first: Int = 0,
    fileID: UInt64 = fileID
  ) throws {
    var configuration = TokenStoreConfiguration(
      vocabularySize: vocabulary,
      provenance: StoreProvenance(tokenizerHash: 0x0123_4567_89AB_CDEF))
    configuration.recordsPerBlock = perBlock
    configuration.firstPosition = first
    let writer = try TokenStoreWriter(path: path, configuration: configuration, fileID: fileID)
    for document in documents { try writer.append(document: document) }
    _ = try writer.seal()
  }

  /// A shard that begins within a document, with every text a header may have.
  private static func shard(_ path: String) throws {
    var configuration = TokenStoreConfiguration(
      vocabularySize: 300,
      provenance: StoreProvenance(
        tokenizerHash: 3, software: "reflux golden", created: 1_763_683_200,
        notes: ["a.key-0": "größe", "z": "last"]))
    configuration.knownVocabulary = 257
    configuration.recordsPerBlock = 8
    configuration.firstPosition = 40
    let writer = try TokenStoreWriter(path: path, configuration: configuration, fileID: .max)
    let rest: [UInt32] = [299, 4, 4]
    try writer.append(rest.span, startingDocument: false)
    for document: [UInt32] in [[1, 2, 3, 4, 5, 6], [256]] {
      try writer.append(document: document)
    }
    _ = try writer.seal()
  }

  private static func tokensFolder(_ path: String) throws {
    try FileSystem.createDirectory(path: path)
    try tokens(path + "/b.rfx", [[7, 8], [9]], vocabulary: 300, perBlock: 4, first: 5, fileID: 12)
    try tokens(path + "/a.rfx", [[1, 2, 3], [4, 5]], vocabulary: 300, perBlock: 2, fileID: 11)
    _ = try StoreManifest.write(folder: path, names: ["b.rfx", "a.rfx"])
  }
}
