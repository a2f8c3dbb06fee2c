import Foundation
import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// The files that every version of the library must read, or refuse, in the same way for ever.
@Suite(.serialized) struct GoldenTests {
  static let isWriting = ProcessInfo.processInfo.environment["REFLUX_WRITE_GOLDEN"] != nil

  @Test(.enabled(if: isWriting)) func write() throws {
    for name in GoldenStores.files + GoldenStores.folders {
      try GoldenStores.make(name, path: GoldenStores.path(valid: name))
    }
    for fault in GoldenFault.all { try fault.write() }
    try store(try descriptions(), GoldenStores.folder + "/valid/expected.json")
    try store(try failures(), GoldenStores.folder + "/invalid/expected.json")
  }

  @Test func validFilesDecodeToTheStoredContent() throws {
    let expected: [GoldenDescription] = try load("valid")
    #expect(expected.map(\.file) == GoldenStores.all)
    for (found, expected) in zip(try descriptions(), expected) { #expect(found == expected) }
    for name in GoldenStores.files + GoldenStores.folders {
      let verification = try StoreVerification.verify(path: GoldenStores.path(valid: name))
      #expect(verification.isValid, "\(name): \(verification.failures)")
    }
  }

  @Test func writersStillWriteTheSameContent() throws {
    for name in GoldenStores.files + GoldenStores.folders {
      let folder = TemporaryFolder()
      try GoldenStores.make(name, path: folder.file("store"))
      let made = try GoldenDescription(name: name, path: folder.file("store"))
      #expect(try made == GoldenDescription(name: name, path: GoldenStores.path(valid: name)))
    }
  }

  /// Names say what they hold: every codec and every kind of field occurs.
  @Test func filesHoldWhatTheirNamesSay() throws {
    func codecs(_ name: String) throws -> [UInt8] {
      let forge = StoreForge(try FileSystem.readFile(path: GoldenStores.path(valid: name)))
      return (0..<forge.blockCount).map { forge.bytes[forge.blockOffset($0) + 24] }
    }
    #expect(try codecs("tokens-1-byte") == [0])
    #expect(try codecs("tokens-2-byte") == [1, 1, 1])
    #expect(try codecs("samples-lz4") == [1, 1])
    #expect(try codecs("packed-mixed") == [2, 0])
    for name in GoldenStores.files where name.hasPrefix("packed") && name != "packed-empty" {
      #expect(try codecs(name).first == 2, "\(name)")
    }
  }

  @Test func invalidFilesGiveTheNamedError() throws {
    let expected: [GoldenFailure] = try load("invalid")
    #expect(expected.map(\.file) == GoldenFault.all.map(\.name))
    for (found, expected) in zip(try failures(), expected) { #expect(found == expected) }
    for (fault, expected) in zip(GoldenFault.all, expected) {
      #expect(fault.error == expected.error, "\(fault.name)")
    }
  }

  @Test func referenceReaderAgrees() throws {
    let script = RepositoryFolder.file("Formats/Store/reference.py")
    let valid = (GoldenStores.files + GoldenStores.folders).map(GoldenStores.path(valid:))
    let good = try RunResult.run(["python3", script] + valid)
    #expect(good.status == 0, "\(good.errors)")
    let stores: [GoldenDescription] = try load("valid")
    let read: [GoldenDescription] = try rows(good.output)
    for (found, expected) in zip(read, stores) { #expect(found == expected) }
    #expect(read.count == stores.count)

    let invalid = GoldenFault.all.map { GoldenStores.path(invalid: $0.name) }
    let bad = try RunResult.run(["python3", script] + invalid)
    #expect(bad.status == 2, "\(bad.errors)")
    let expected: [GoldenFailure] = try load("invalid")
    let found: [ReferenceFailure] = try rows(bad.output)
    let wanted = expected.map {
      ReferenceFailure(file: $0.file, error: $0.error, shard: $0.shard, block: $0.block)
    }
    for (found, wanted) in zip(found, wanted) { #expect(found == wanted) }
    #expect(found.count == wanted.count)
  }

  struct ReferenceFailure: Codable, Equatable {
    var file: String
    var error: String
    var shard: String?
    var block: Int?
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private func descriptions() throws -> [GoldenDescription] {
    try zip(GoldenStores.files + GoldenStores.folders, GoldenStores.all).map {
      try GoldenDescription(name: $1, path: GoldenStores.path(valid: $0))
    }
  }

  private func failures() throws -> [GoldenFailure] {
    try GoldenFault.all.map { fault in
      let path = GoldenStores.path(invalid: fault.name)
      let failure = try GoldenFailure(name: fault.name, path: path)
      return failure
        ?? GoldenFailure(file: fault.name, error: "none", block: nil, message: "no error")
    }
  }

  private func load<Value: Decodable>(_ folder: String) throws -> Value {
    let bytes = try FileSystem.readFile(path: GoldenStores.folder + "/\(folder)/expected.json")
    return try Self.decoder.decode(Value.self, from: Data(bytes))
  }

  private func store(_ value: some Encodable, _ path: String) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    try FileSystem.writeFile(path: path, bytes: Array(data) + [0x0A])
  }

  private func rows<Value: Decodable>(_ text: String) throws -> [Value] {
    try text.split(separator: "\n").map {
      try Self.decoder.decode(Value.self, from: Data($0.utf8))
    }
  }
}
