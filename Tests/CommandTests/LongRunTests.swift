import Foundation
import TestSupport
import Testing

/// What long verbs do while they run: progress, and the wish to stop.
@Suite struct LongRunTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  /// A folder `long` of much text and little disk: links to one file.
  private func makeText(links: Int) throws {
    try folder.write("one", String(repeating: "to be or not to be\n", count: 1 << 16))
    try folder.write("long/first", "to be")
    for index in 0..<links {
      try FileManager.default.createSymbolicLink(
        atPath: folder.file("long/\(index)"), withDestinationPath: folder.file("one"))
    }
  }

  private func wait(_ what: String, until condition: () throws -> Bool) throws {
    for _ in 0..<6000 {
      if try condition() { return }
      usleep(10_000)
    }
    Issue.record("waited in vain for \(what)")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func stopsAtASafePlaceAndSaysHowToGoOn(number: Int32) throws {
    try makeText(links: 400)
    try Samples.makeTokens(in: folder)
    let run = try command.start(
      "tokenize", "long", "--output", "out.rfx", "--tokenizer", "tokenizer.json")
    try wait("the partial file") { folder.exists("out.rfx.partial") }
    kill(run.process.processIdentifier, number)
    let outcome = try run.outcome()
    #expect(
      outcome
        == .init(
          diagnostics: """

            reflux: stopping at a safe place; press Ctrl-C again to stop at once
            reflux: out.rfx: interrupted; nothing new is under this name; \
            run the same command again to start over

            """, exitCode: 130))
    #expect(!folder.exists("out.rfx"))
  }

  /// One line is one piece of work, which only a second signal breaks off.
  @Test func stopsAtOnceWhenAskedTwice() throws {
    try Samples.makeTokens(in: folder)
    try folder.write("line", String(repeating: "to be or not ", count: 8 << 20))
    let run = try command.start(
      "tokenize", "line", "--output", "out.rfx", "--tokenizer", "tokenizer.json", "--quiet")
    try wait("the partial file") { folder.exists("out.rfx.partial") }
    kill(run.process.processIdentifier, SIGINT)
    try wait("the answer") { try run.diagnosticsSoFar().contains("to stop at once\n") }
    kill(run.process.processIdentifier, SIGINT)
    let outcome = try run.outcome()
    #expect(outcome.exitCode == 130)
    #expect(outcome.diagnostics.hasSuffix("to stop at once\n\nreflux: interrupted\n"))
    #expect(!folder.exists("out.rfx"))
  }

  @Test func showsPlainLinesWhereThereIsNoTerminal() throws {
    try makeText(links: 0)
    let run = try command.run(
      "tokenize", "long", "--output", "out.rfx", "--train-tokenizer", "258")
    let lines = run.diagnostics.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("count words: 5 B in 0:00, "))
    #expect(lines[1].hasPrefix("merge: 0 merges in 0:00, "))
    #expect(lines[2].hasPrefix("tokenize: 5 B in 0:00, "))
    #expect(!run.diagnostics.contains("\u{1B}"))
  }

  @Test func showsABarOnATerminalAndTakesItAway() throws {
    try makeText(links: 12)
    let terminal = try Terminal(columns: 60)
    let run = try command.start(
      "tokenize", "long", "--output", "out.rfx", "--train-tokenizer", "257",
      diagnostics: terminal.slave)
    let outcome = try run.outcome()
    let screen = try terminal.everything()
    #expect(outcome.exitCode == 0)
    let frames = screen.components(separatedBy: "\r\u{1B}[K")
    #expect(frames.count > 2)
    #expect(frames.contains { $0.contains("tokenize") && $0.contains("% ") && $0.contains("left") })
    for frame in frames.flatMap({ $0.components(separatedBy: "\r\n") }) {
      #expect(frame.count < 60, "\(frame)")
    }
    let last = try #require(frames.last)
    #expect(last.hasPrefix("tokenize: 14.9 MB in "))
    #expect(last.hasSuffix("/s\r\n"))
  }
}
