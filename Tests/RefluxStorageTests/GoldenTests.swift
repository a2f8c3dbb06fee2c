import Foundation
import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// The files that every version of the library must read, or refuse, in the same way for ever.
@Suite(.serialized) struct GoldenTests {
  static let isWriting = ProcessInfo.processInfo.environment["REFLUX_WRITE_GOLDEN"] != nil

  @Test(.enabled(if: isWriting)) func write() throws {
    for name in GoldenStores.valid {
      try GoldenStores.make(name, path: GoldenStores.path(valid: name))
    }
    for fault in GoldenFault.all {
      let source = try FileSystem.readFile(path: GoldenStores.path(valid: fault.source))
      var forge = StoreForge(source)
      fault.change(&forge)
      try FileSystem.writeFile(path: GoldenStores.path(invalid: fault.name), bytes: forge.bytes)
    }
    try store(try descriptions(), GoldenStores.folder + "/valid/expected.json")
    try store(try failures(), GoldenStores.folder + "/invalid/expected.json")
  }

  @Test func validFilesDecodeToTheStoredContent() throws {
    let expected: [GoldenDescription] = try load("valid")
    #expect(expected.map(\.file) == GoldenStores.valid.map { $0 + ".rfx" })
    #expect(try descriptions() == expected)
    for name in GoldenStores.valid {
      let verification = try StoreVerification.verify(path: GoldenStores.path(valid: name))
      #expect(verification.isValid, "\(name): \(verification.failures)")
    }
  }

  @Test func writersStillWriteTheSameContent() throws {
    let folder = TemporaryFolder()
    for name in GoldenStores.valid {
      try GoldenStores.make(name, path: folder.file("store"))
      let made = try GoldenDescription(name: name, path: folder.file("store"))
      #expect(try made == GoldenDescription(name: name, path: GoldenStores.path(valid: name)))
    }
  }

  @Test func invalidFilesGiveTheNamedError() throws {
    let expected: [GoldenFailure] = try load("invalid")
    #expect(expected.map(\.file) == GoldenFault.all.map { $0.name + ".rfx" })
    for (found, expected) in zip(try failures(), expected) { #expect(found == expected) }
    for (fault, expected) in zip(GoldenFault.all, expected) {
      #expect(fault.error == expected.error, "\(fault.name)")
    }
  }

  @Test func referenceReaderAgrees() throws {
    let script = RepositoryFolder.file("Formats/Store/reference.py")
    let valid = GoldenStores.valid.map(GoldenStores.path(valid:))
    let good = try RunResult.run(["python3", script] + valid)
    #expect(good.status == 0, "\(good.errors)")
    #expect(try rows(good.output) as [GoldenDescription] == load("valid"))

    let invalid = GoldenFault.all.map { GoldenStores.path(invalid: $0.name) }
    let bad = try RunResult.run(["python3", script] + invalid)
    #expect(bad.status == 2, "\(bad.errors)")
    let expected: [GoldenFailure] = try load("invalid")
    let found: [ReferenceFailure] = try rows(bad.output)
    let wanted = expected.map { ReferenceFailure(file: $0.file, error: $0.error, block: $0.block) }
    for (found, wanted) in zip(found, wanted) { #expect(found == wanted) }
    #expect(found.count == wanted.count)
  }

  struct ReferenceFailure: Codable, Equatable {
    var file: String
    var error: String
    var block: Int?
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private func descriptions() throws -> [GoldenDescription] {
    try GoldenStores.valid.map {
      try GoldenDescription(name: $0 + ".rfx", path: GoldenStores.path(valid: $0))
    }
  }

  private func failures() throws -> [GoldenFailure] {
    try GoldenFault.all.map { fault in
      let path = GoldenStores.path(invalid: fault.name)
      let failure = try GoldenFailure(name: fault.name + ".rfx", path: path)
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
