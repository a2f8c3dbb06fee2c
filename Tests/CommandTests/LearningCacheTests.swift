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
        "bytes_per_record", "forward_seconds", "output", "records", "sampling_seconds",
        "store_wait_seconds", "storing_seconds", "tokens_per_second", "unique_ids_per_record",
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

  /// It says first how much text the teacher sees at once, then what it expects: what a dry run
  /// says; and after the first groups how long it takes.
  @Test func forecastsFirst() throws {
    try samples.makeTokens(words: 4000)
    try samples.makeTeacher()
    let arguments = Array(cache("samples.rfx").dropLast())
    let dry = try JSONRows(samples.done(arguments + ["--dry-run", "--json"])).rows[0]
    let run = try command.run(arguments)
    #expect(run.exitCode == 0)
    let lines = run.diagnostics.split(separator: "\n").map(String.init)
    #expect(lines.first?.hasPrefix("cache: windows of ") == true)
    let each = try #require(dry["bytes_per_record"] as? Double)
    let second = lines.dropFirst().first ?? ""
    #expect(second.hasPrefix("cache: expecting ") && second.contains(" bytes each, in about "))
    let said = try #require(second.firstMatch(of: /, ([0-9.]+) bytes each/))
    #expect(abs(try #require(Double(said.1)) - each) < 0.01 * each)
    #expect(lines.contains { $0.hasPrefix("cache: about ") && $0.hasSuffix(" tokens/s") })
  }

  /// A teacher that could take more says so where nobody chose the context.
  @Test func namesTheContext() throws {
    try samples.makeTokens(words: 4000)
    try samples.makeTeacher()
    let arguments = [
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--rounds", "5",
    ]
    let chosen = try command.run(arguments + ["--output", "a.rfx", "--context", "8"])
    #expect(chosen.diagnostics.hasPrefix("cache: windows of 8 tokens\n"))
    let config = String(decoding: try folder.bytes("teacher/config.json"), as: UTF8.self)
    try folder.write(
      "teacher/config.json",
      config.replacing(/"max_position_embeddings": *16/, with: "\"max_position_embeddings\":512"))
    let open = try command.run(arguments + ["--output", "b.rfx"])
    #expect(
      open.diagnostics.hasPrefix(
        "cache: windows of 256 tokens; the teacher takes up to 512: --context N\n"))
  }

  /// A dry run writes nothing, and its ids per set are near those of the capture.
  @Test(arguments: ["multinomial", "topk"])
  func measuresAFewWindows(estimator: String) throws {
    try samples.makeTokens(words: 4000)
    try samples.makeTeacher()
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let options = ["--estimator", estimator, "--json"]
    let dry = try JSONRows(samples.done(cache("x.rfx", "--dry-run") + options))
    #expect(
      dry.keys == [
        "basis", "bytes", "bytes_per_record", "dry_run", "records", "seconds",
        "tokens_per_second", "unique_ids_per_record",
      ])
    let after = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(after) == Set(before))
    let done = try JSONRows(samples.done(cache("x.rfx") + options))
    for key in ["records", "unique_ids_per_record"] {
      #expect(abs(dry.numbers(key)[0] / done.numbers(key)[0] - 1) < 0.2, "\(key)")
    }
    let ratio = dry.numbers("bytes_per_record")[0] / done.numbers("bytes_per_record")[0]
    // The model of bits per id is that of natural text; ten words pack better.
    #expect(ratio > 0.5 && ratio < 4, "\(ratio)")
  }

  /// Equal parts of several processes, joined, are the capture of all.
  @Test func capturesParts() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.done(cache("whole.rfx"))
    for part in 0..<3 { try samples.done(cache("p\(part).rfx", "--part", "\(part)/3")) }
    try samples.done(
      "merge", "p2.rfx", "p0.rfx", "p1.rfx", "--output", "joined.rfx", "--tokens", "tokens.rfx",
      "--quiet")
    #expect(try content("joined.rfx") == content("whole.rfx"))
    try samples.done("verify", "joined.rfx", "--against", "tokens.rfx")
    for wrong in [["--part", "3/3"], ["--part", "x"], ["--part", "0/2", "--range", "0..<9"]] {
      #expect(try command.run(cache("x.rfx") + wrong).exitCode == 64)
    }
    let many = try command.run(cache("x.rfx", "--part", "0/60000"))
    #expect(many.exitCode == 64)
    #expect(many.diagnostics.contains("part is 0 of 60000, expected K of N"))
  }

  /// Students that train on marked or packed documents get samples that their feed takes.
  @Test(arguments: ["documents", "best-fit"])
  func capturesDocuments(packing: String) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.done(cache("x.rfx", "--packing", packing))
    let facts = try JSONRows(samples.done("inspect", "x.rfx", "--json")).rows[0]
    #expect(facts["packing"] as? String == packing)
    let training =
      LearningSamples.training + [
        "--loss", "rskd", "--steps", "2", "--quiet", "--samples", "x.rfx", "--output", "out",
      ]
    #expect(try command.run(training + ["--packing", "windows"]).exitCode != 0)
    try samples.done(training + ["--packing", packing])
  }

  @Test func takesLogitsOfAFile() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let count = Int(
      try JSONRows(samples.done("inspect", "tokens.rfx", "--json")).numbers("records")[0])
    func write(_ name: String, rows: Int, nan place: Int? = nil) throws {
      var header = "{'descr': '<f2', 'fortran_order': False, 'shape': (\(rows), 257), }"
      header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
      var data = [UInt8](repeating: 0x3C, count: 2 * 257 * rows)
      if let place { (data[2 * place], data[2 * place + 1]) = (0, 0x7E) }
      try folder.write(
        name, [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0] + Array(header.utf8) + data)
    }
    func logits(_ file: String, _ more: String...) -> [String] {
      [
        "cache", "--logits", file, "--tokens", "tokens.rfx", "--output", "x.rfx", "--rounds", "6",
        "--quiet", "--json",
      ] + more
    }
    try write("good.npy", rows: count)
    let facts = try JSONRows(samples.done(logits("good.npy", "--context", "8")))
    #expect(facts.numbers("records") == [Double(count)])
    let store = try JSONRows(samples.done("inspect", "x.rfx", "--json")).rows[0]
    #expect(
      store["notes"] as? [String: String] == [
        "logits": "good.npy", "logits-kind": "dense", "logits-type": "f16",
      ])
    try write("bad.npy", rows: count, nan: 257 * 5 + 2)
    let bad = try command.run(logits("bad.npy", "--context", "8", "--force"))
    #expect(bad.exitCode == 2)
    #expect(bad.diagnostics.hasPrefix("reflux: bad.npy: row 5: id 2 is nan, expected"))
    try write("short.npy", rows: count - 1)
    let short = try command.run(logits("short.npy", "--context", "8"))
    #expect(short.exitCode == 2)
    #expect(short.diagnostics.hasPrefix("reflux: short.npy: holds \(count - 1) rows, "))
    for wrong in [
      logits("good.npy"), logits("good.npy", "--context", "8", "--teacher", "teacher"),
      cache("x.rfx", "--tensor", "logits"),
    ] {
      #expect(try command.run(wrong).exitCode == 64)
    }
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
              run the same command again to resume

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

  @Test func aFinishedCaptureIsDone() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let first = try JSONRows(samples.done(cache("a.rfx", "--json")))
    let store = try folder.bytes("a.rfx")
    let again = try command.run(cache("a.rfx", "--json"))
    #expect(again.exitCode == 0)
    #expect(
      again.diagnostics
        == "reflux: a.rfx: complete, made with the same settings; nothing to do\n")
    let rows = try JSONRows(again.output)
    for key in ["records", "bytes_per_record"] {
      #expect(rows.numbers(key) == first.numbers(key))
    }
    for options in [
      ["--rounds", "7"], ["--seed", "3"], ["--range", "0..<8"], ["--encoding", "plain"],
    ] {
      let other = try command.run(cache("a.rfx") + options)
      #expect(other.exitCode == 1)
      #expect(other.output == "")
      #expect(
        other.diagnostics.hasPrefix("reflux: a.rfx: a finished store, which has "),
        "\(other.diagnostics)")
      #expect(
        other.diagnostics.hasSuffix("; name another output, or replace it with --force\n"))
    }
    #expect(try folder.bytes("a.rfx") == store)
    try samples.done(cache("a.rfx", "--seed", "3", "--force"))
    #expect(try folder.bytes("a.rfx") != store)
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
