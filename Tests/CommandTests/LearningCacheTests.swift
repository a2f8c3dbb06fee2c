import Foundation
import TestSupport
import Testing

/// `reflux cache` with a tiny teacher.
@Suite struct LearningCacheTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func cache(_ output: String, _ more: String...) -> [String] {
    [
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", output, "--context",
      "8", "--rounds", "6", "--precision", "float32", "--quiet",
    ] + more
  }

  /// Everything that `cat` and `inspect` say of the records; files also carry an id of their own.
  private func content(_ store: String) throws -> [String] {
    let facts = try samples.done("inspect", store, "--json")
    let print = facts.components(after: "\"fingerprint\":").prefix(18)
    return try [String(print), samples.done("cat", store)]
  }

  @Test func printsWhatItWrote() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let run = try command.run(cache("samples.rfx"))
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    #expect(
      run.output.withoutNumbers == """
        output                 samples.rfx
        records                #
        unique ids per record  #
        bytes per record       #
        tokens per second      #

        """)
  }

  @Test(arguments: ["multinomial", "systematic", "topk"])
  func storesASetForEveryToken(estimator: String) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let output = try samples.done(cache("samples.rfx", "--estimator", estimator, "--json"))
    let facts = try JSONRows(output)
    #expect(
      facts.keys == [
        "bytes_per_record", "output", "records", "tokens_per_second", "unique_ids_per_record",
      ])
    let rows = try JSONRows(samples.done("cat", "samples.rfx")).rows
    #expect(facts.numbers("records") == [Double(rows.count)])
    let ids = rows.map { $0["ids"] as? [Int] ?? [] }
    let unique = Double(ids.reduce(0) { $0 + $1.count }) / Double(rows.count)
    #expect(abs(facts.numbers("unique_ids_per_record")[0] - unique) < 1e-9)
    let size = Double(try folder.bytes("samples.rfx").count)
    #expect(abs(facts.numbers("bytes_per_record")[0] - size / Double(rows.count)) < 1e-9)
    for row in rows {
      if estimator == "topk" {
        let weights = row["weights"] as? [Double] ?? []
        #expect(weights.count == 6 && weights.reduce(0, +) < 1 && weights.allSatisfy { $0 > 0 })
      } else {
        #expect((row["counts"] as? [Int] ?? []).reduce(0, +) == 6)
      }
    }
    let tokens = try JSONRows(samples.done("inspect", "tokens.rfx", "--json")).numbers("records")
    #expect(tokens == [Double(rows.count)])
  }

  @Test func doesNotDependOnThreads() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    for threads in ["1", "2", "3"] {
      try samples.done(cache("samples\(threads).rfx", "--threads", threads))
    }
    let expected = try content("samples1.rfx")
    #expect(try content("samples2.rfx") == expected)
    #expect(try content("samples3.rfx") == expected)
  }

  @Test(arguments: [SIGINT, SIGKILL])
  func goesOnWhereItStopped(number: Int32) throws {
    try samples.makeTokens(words: 100_000)
    try samples.makeTeacher()
    let whole = try JSONRows(samples.done(cache("whole.rfx", "--json")))
    let run = try command.start(cache("cut.rfx", "--threads", "1"))
    let partial = folder.file("cut.rfx.partial")
    try waitFor("some blocks") {
      let facts = try? FileManager.default.attributesOfItem(atPath: partial)
      return (facts?[.size] as? Int ?? 0) > 1 << 16
    }
    kill(run.process.processIdentifier, number)
    let stopped = try run.outcome()
    #expect(!folder.exists("cut.rfx") && folder.exists("cut.rfx.partial"))
    #expect(stopped.output == "")
    if number == SIGINT {
      #expect(
        stopped
          == .init(
            diagnostics: """

              reflux: stopping at a safe place; press Ctrl-C again to stop at once
              reflux: cut.rfx: interrupted; what was written is kept; \
              run the same command again to go on

              """, exitCode: 130))
    }
    let rest = try JSONRows(samples.done(cache("cut.rfx", "--threads", "2", "--json")))
    for key in ["records", "unique_ids_per_record", "bytes_per_record"] {
      #expect(rest.numbers(key) == whole.numbers(key))
    }
    #expect(try content("cut.rfx") == content("whole.rfx"))
    #expect(!folder.exists("cut.rfx.partial"))
  }

  @Test func refusesToGoOnWithAnotherTeacherOrOtherSettings() throws {
    try samples.makeTokens(words: 20_000)
    try samples.makeTeacher()
    // 100 blocks of 512 bytes, by POSIX.
    let limited = cache("cut.rfx").joined(separator: " ")
    let full = try command.shell("ulimit -f 100; \"$reflux\" \(limited)")
    #expect(
      full
        == .init(
          diagnostics: "reflux: cut.rfx: cannot write: File too large; free some space and run the"
            + " same command again\n", exitCode: 1))
    let partial = try folder.bytes("cut.rfx.partial")
    #expect(partial.count > 20_000)

    let other = try command.run(cache("cut.rfx", "--seed", "3"))
    #expect(other.exitCode == 1)
    #expect(other.diagnostics.hasPrefix("reflux: cut.rfx: the partial file has "))
    try FileManager.default.removeItem(atPath: folder.file("teacher"))
    try samples.done(
      LearningSamples.training + ["--loss", "ce", "--output", "teacher", "--steps", "6"])
    let retrained = try command.run(cache("cut.rfx"))
    #expect(retrained.exitCode == 1)
    #expect(
      retrained.diagnostics.hasPrefix(
        "reflux: cut.rfx: the partial file has teacher weights "))
    #expect(try folder.bytes("cut.rfx.partial") == partial)
  }

  /// A disk that is full loses nothing: with room again the same command ends as if nothing had
  /// been.
  @Test func goesOnAfterAFullDisk() throws {
    try samples.makeTokens(words: 20_000)
    try samples.makeTeacher()
    try samples.done(cache("whole.rfx"))
    let limited = cache("cut.rfx").joined(separator: " ")
    #expect(try command.shell("ulimit -f 100; \"$reflux\" \(limited)").exitCode == 1)
    #expect(!folder.exists("cut.rfx"))
    try samples.done(cache("cut.rfx"))
    #expect(try content("cut.rfx") == content("whole.rfx"))
  }

  @Test(arguments: ["tokens.rfx", "teacher/model.safetensors", "teacher/config.json"])
  func doesNotReplaceWhatItReads(output: String) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let before = try folder.bytes(output)
    let run = try command.run(cache(output))
    #expect(
      run
        == .init(
          diagnostics: "reflux: \(output): would be overwritten by the output \(output);"
            + " name another output\n", exitCode: 64))
    #expect(try folder.bytes(output) == before)
  }
}
