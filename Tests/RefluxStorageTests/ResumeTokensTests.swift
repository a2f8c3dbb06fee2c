import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Resumed token stores are given everything again, and notice what is not the same.
@Suite struct ResumeTokensTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("t.rfx") }
  static let documents = [Array(0..<100), [7], Array(3..<40), Array(50..<90)]
    .map { $0.map(UInt32.init) }

  private var configuration: TokenStoreConfiguration {
    StoreSamples.tokenConfiguration(vocabulary: 200, perBlock: 16)
  }

  /// A partial file of the first three documents: 138 tokens, 128 of them in full blocks.
  private func stopped() throws -> TokenStoreWriter {
    let writer = try TokenStoreWriter(path: path, configuration: configuration, fileID: 3)
    for document in Self.documents[..<3] { try writer.append(document: document) }
    _ = consume writer
    let resumed = try TokenStoreWriter.resume(path: path, configuration: configuration)
    #expect(resumed.recordCount == 128 && resumed.tokensToReplay == 128)
    return resumed
  }

  @Test func theSameTokensGiveTheSameBytes() throws {
    let whole = try TokenStoreWriter(
      path: folder.file("whole.rfx"), configuration: configuration, fileID: 3)
    for document in Self.documents { try whole.append(document: document) }
    let summary = try whole.seal()
    // Once from a file that was stopped, once more from what that one left.
    for _ in 0..<2 {
      let resumed = try stopped()
      for document in Self.documents { try resumed.append(document: document) }
      #expect(resumed.tokensToReplay == 0)
      #expect(try resumed.seal() == summary)
      #expect(
        try FileSystem.readFile(path: path)
          == FileSystem.readFile(path: folder.file("whole.rfx")))
    }
  }

  private func isDifferent(_ error: StoreError?) -> Bool {
    if case .differentPartial = error { true } else { false }
  }

  @Test func otherTokensAreRefused() throws {
    try refuseOtherTokens()
    #expect(!FileSystem.exists(path: path), "nothing was sealed")
    // What was there is still there.
    #expect(try stopped().recordCount == 128)
  }

  private func refuseOtherTokens() throws {
    let resumed = try stopped()
    var other = Self.documents
    other[0][50] += 1
    let error = #expect(throws: StoreError.self) {
      for document in other { try resumed.append(document: document) }
    }
    #expect(isDifferent(error))
    #expect(throws: StoreError.writerFailed) { try resumed.append(document: [1]) }
    #expect(throws: StoreError.writerFailed) { try resumed.seal() }
  }

  @Test(arguments: [
    [100, 38], [99, 39], [138], [100, 1, 1, 36], [100, 1, 20, 17],
  ])
  func otherDocumentsAreRefused(lengths: [Int]) throws {
    let resumed = try stopped()
    let ids = Self.documents[..<3].flatMap { $0 }
    var first = 0
    let error = #expect(throws: StoreError.self) {
      for length in lengths {
        try resumed.append(document: Array(ids[first..<first + length]))
        first += length
      }
    }
    #expect(isDifferent(error), "\(String(describing: error))")
    #expect(throws: StoreError.writerFailed) { try resumed.seal() }
  }

  @Test func fewerTokensAreRefused() throws {
    let resumed = try stopped()
    try resumed.append(document: Self.documents[0])
    #expect(resumed.tokensToReplay == 28)
    let error = #expect(throws: StoreError.self) { try resumed.seal() }
    #expect(isDifferent(error))
  }

  @Test func refusedIdsAreNamedByTheirRecord() throws {
    let resumed = try stopped()
    #expect(throws: StoreError.refused(record: 1, .id(200, vocabulary: 200))) {
      try resumed.append(document: [0, 200])
    }
  }
}
