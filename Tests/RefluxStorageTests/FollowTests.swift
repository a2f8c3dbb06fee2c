import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Reading stores while they are being written.
@Suite struct FollowTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("f.rfx") }
  var partial: String { path + ".partial" }
  static let perBlock = 14

  private func check(_ store: SampleStore, upTo count: Int) throws {
    #expect(store.count == count / Self.perBlock * Self.perBlock)
    let rows = try StoreSamples.readAllSorted(store)
    #expect(rows.map(\.ids) == (0..<store.count).map { WriterSubject.set($0).ids })
  }

  @Test(arguments: [WriterSubject.plain, .packed])
  func wholeBlocksOnly(subject: WriterSubject) throws {
    let writer = try subject.begin(path, perBlock: Self.perBlock)
    var last: SampleStore?
    for count in 0..<100 {
      try writer.append(to: count)
      try check(SampleStore(following: partial), upTo: count)
      // With what was seen before.
      last = try SampleStore(following: partial, after: last)
      try check(last!, upTo: count)
    }
    _ = try writer.seal()
    // The file has its name now; followed, it ends with the short block too.
    let sealed = try SampleStore(following: path, after: last)
    #expect(sealed.count == 99)
    #expect(throws: StoreError.self) { try SampleStore(following: partial, after: last) }
  }

  @Test func tokens() throws {
    let writer = try WriterSubject.tokens.begin(path, perBlock: Self.perBlock)
    var last: TokenStore?
    for count in stride(from: 0, to: 200, by: 7) {
      try writer.append(to: count)
      last = try TokenStore(following: partial, after: last)
      let store = try #require(last)
      #expect(store.count == count / Self.perBlock * Self.perBlock)
      #expect(try StoreSamples.readAll(store) == (0..<store.count).map(WriterSubject.id))
    }
  }

  /// A torn block at the end does not count, at whatever length.
  @Test(arguments: [WriterSubject.plain, .packed])
  func tornBlocksDoNotCount(subject: WriterSubject) throws {
    let writer = try subject.begin(path, perBlock: Self.perBlock)
    try writer.append(to: 42)
    let bytes = try FileSystem.readFile(path: partial)
    _ = try writer.seal()
    let forge = StoreForge(try FileSystem.readFile(path: path))
    let ends = (0..<3).map { forge.blockOffset($0) + forge.blockBytes($0) }
    #expect(bytes.count == ends[2])
    var last: SampleStore?
    for length in stride(from: forge.firstBlock, through: bytes.count, by: 5) {
      let torn = try folder.write(Array(bytes[..<length]), to: "torn")
      last = try SampleStore(following: torn, after: last)
      try check(last!, upTo: ends.count { $0 <= length } * Self.perBlock)
    }
    // A hole where the system has not written a page yet.
    var holed = bytes
    for index in ends[1]..<ends[2] { holed[index] = 0 }
    try check(SampleStore(following: folder.write(holed, to: "torn")), upTo: 28)
  }

  /// A writer that was stopped between its last block and its trailer leaves a short block, which
  /// the next one replaces by a full one.
  @Test(arguments: [WriterSubject.plain, .packed])
  func shortBlocksMayBeReplaced(subject: WriterSubject) throws {
    let stopped = try subject.begin(path, perBlock: Self.perBlock)
    try stopped.append(to: 97)
    _ = try stopped.seal()
    let forge = StoreForge(try FileSystem.readFile(path: path))
    try FileSystem.remove(path: path)
    try folder.write(Array(forge.bytes[..<forge.indexOffset]), to: "f.rfx.partial")
    let last = try SampleStore(following: partial)
    #expect(last.count == 97)
    let writer = try subject.resume(path, perBlock: Self.perBlock)
    #expect(writer.recordCount == 84)
    try check(SampleStore(following: partial, after: last), upTo: 84)
    try writer.append(to: 140)
    try check(SampleStore(following: partial, after: last), upTo: 140)
  }

  @Test func aFollowedFileIsOfTheKindThatIsAskedFor() throws {
    let writer = try WriterSubject.plain.begin(path, perBlock: Self.perBlock)
    #expect(throws: StoreError.wrongKind(expected: .tokens, found: .samples)) {
      try TokenStore(following: partial)
    }
    try writer.append(to: 1)
  }
}
