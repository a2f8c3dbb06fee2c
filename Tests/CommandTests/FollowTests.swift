import Foundation
import RefluxStorage
import TestSupport
import Testing

/// `reflux cat --follow`: records of a store that is still being written.
@Suite struct FollowTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }

  private func makeWriter() throws -> SampleStoreWriter {
    var configuration = try stores.configuration()
    configuration.provenance.tokensHash = 0
    return try SampleStoreWriter(path: folder.file("x.rfx"), configuration: configuration)
  }

  private func append(_ positions: Range<Int>, to writer: SampleStoreWriter) throws {
    for position in positions {
      let set = LongStores.set(of: position)
      try writer.append(ids: set.ids, counts: set.counts)
    }
  }

  private func wait(for lines: Int, of run: Running) throws {
    try waitFor("\(lines) lines") {
      try run.outputSoFar().utf8.count { $0 == UInt8(ascii: "\n") } >= lines
    }
  }

  /// Whole blocks as they come, then the rest when the store is sealed.
  @Test(arguments: ["x.rfx", "x.rfx.partial"])
  func printsWhatIsWrittenUntilItIsSealed(name: String) throws {
    try stores.makeTokens()
    let writer = try makeWriter()
    let run = try command.start("cat", name, "--follow")
    try append(0..<6000, to: writer)
    let whole = 6000 / SampleBlocks.size * SampleBlocks.size
    try wait(for: whole, of: run)
    #expect(run.process.isRunning)
    try append(6000..<11_000, to: writer)
    try wait(for: 11_000 / SampleBlocks.size * SampleBlocks.size, of: run)
    _ = try writer.seal()
    let outcome = try run.outcome()
    #expect(outcome == .init(try stores.done("cat", "x.rfx")))
    #expect(outcome.output.split(separator: "\n").count == 11_000)
  }

  @Test func followsTokens() throws {
    let writer = try TokenStoreWriter(
      path: folder.file("x.rfx"), configuration: TokenStoreConfiguration(vocabularySize: 300))
    let run = try command.start("cat", "x.rfx", "--follow", "--records", "10..<")
    try writer.append(document: (0..<40_000).map { UInt32($0 % 300) })
    try wait(for: 32_758, of: run)
    try writer.append(document: [1, 2, 3])
    _ = try writer.seal()
    let outcome = try run.outcome()
    #expect(outcome == .init(try stores.done("cat", "x.rfx", "--records", "10..<")))
  }

  /// The end of a range is the end of the wait.
  @Test func endsWithTheRange() throws {
    try stores.makeTokens()
    let writer = try makeWriter()
    try append(0..<6000, to: writer)
    let run = try command.run("cat", "x.rfx", "--follow", "--records", "7..<9")
    #expect(run.exitCode == 0)
    #expect(run.output.split(separator: "\n").count == 2)
    _ = try writer.seal()
    let beyond = try command.run("cat", "x.rfx", "--follow", "--records", "7..<6001")
    #expect(beyond.exitCode == 64)
    #expect(
      beyond.diagnostics.hasPrefix("reflux: x.rfx: has 6000 records, 7..<6001 was asked for"))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func stopsWhenAsked(number: Int32) throws {
    try stores.makeTokens()
    let writer = try makeWriter()
    try append(0..<6000, to: writer)
    let run = try command.start("cat", "x.rfx.partial", "--follow")
    try wait(for: SampleBlocks.size, of: run)
    kill(run.process.processIdentifier, number)
    let outcome = try run.outcome()
    #expect(outcome.exitCode == 130)
    #expect(outcome.output.hasSuffix("}\n"))
    #expect(
      outcome.diagnostics == """

        reflux: stopping at a safe place; press Ctrl-C again to stop at once
        reflux: x.rfx.partial: interrupted; its writer may still run; run the same command again

        """)
    _ = try writer.seal()
  }

  /// Whoever reads the output may leave while nothing comes.
  @Test func endsWhenItsReaderIsGone() throws {
    try stores.makeTokens()
    let writer = try makeWriter()
    try append(0..<6000, to: writer)
    let run = try command.shell(
      "{ \"$reflux\" cat x.rfx --follow; echo \"code $?\" >&2; } | head -n 1 >/dev/null")
    #expect(run.diagnostics == "code 0\n")
    _ = try writer.seal()
  }

  @Test func takesSealedStoresAndFolders() throws {
    try stores.makeTokens()
    try stores.makeSets()
    let expected = try stores.done("cat", "sets.rfx")
    #expect(try command.run("cat", "sets.rfx", "--follow") == .init(expected))
    try stores.done("split", "sets.rfx", "--output", "s", "--shards", "3")
    #expect(try command.run("cat", "s", "--follow") == .init(expected))
    #expect(
      try command.run("cat", "none.rfx", "--follow")
        == .init(
          diagnostics: "reflux: none.rfx: cannot open: No such file or directory; check the path\n",
          exitCode: 1))
  }
}

/// How many sets stand in a block of the long stores.
enum SampleBlocks {
  static let size = 65_536 / 13 / 8 * 8
}
