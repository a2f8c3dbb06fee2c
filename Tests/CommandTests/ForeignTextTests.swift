import Foundation
import RefluxStorage
import TestSupport
import Testing

/// What files and folders call things, in messages and tables.
@Suite struct ForeignTextTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  /// A right-to-left override shows another name than there is, a line separator another line.
  @Test func marksInNamesAreShownAsEscapes() throws {
    let name = "a\u{202E}b\u{2028}c.rfx"
    let run = try command.run("inspect", name)
    #expect(
      run
        == .init(
          diagnostics:
            "reflux: a\\u{202E}b\\u{2028}c.rfx: cannot open: No such file or directory; check the"
            + " path\n", exitCode: 1))
  }

  @Test func marksInTextsOfAHeaderAreShownAsEscapes() throws {
    let writer = try SampleStoreWriter(
      path: folder.file("s.rfx"),
      configuration: SampleStoreConfiguration(
        vocabularySize: 4, capacity: 1, values: .counts,
        provenance: StoreProvenance(
          teacher: "evil\u{202E}\u{1B}[31m\nname", estimator: "multinomial", rounds: 1)))
    _ = try writer.seal()
    let table = try samples.done("inspect", "s.rfx")
    #expect(table.contains("evil\\u{202E}\\u{1B}[31m\\nname"))
    let json = try samples.done("inspect", "s.rfx", "--json")
    #expect(json.contains(#"evil\u202e\u001b[31m\nname"#))
    #expect(try JSONRows(json).rows[0]["teacher"] as? String == "evil\u{202E}\u{1B}[31m\nname")
  }

  /// A key of 900 kB in a model's configuration, and one that hides what it is.
  @Test func longTextsAreCut() throws {
    try samples.makeTokens()
    for key in [String(repeating: "k", count: 900_000), "x\u{202E}y"] {
      let text = LearningSamples.configuration.dropLast() + ", \"\(key)\": 1}"
      try folder.write("student.json", String(text))
      let run = try command.run(
        LearningSamples.training + ["--loss", "ce", "--steps", "1", "--output", "out"])
      #expect(run.exitCode == 2 && run.diagnostics.utf8.count < 300, "\(run.diagnostics)")
      let shown = key.count > 100 ? String(repeating: "k", count: 100) + "..." : "x\\u{202E}y"
      #expect(run.diagnostics.hasPrefix("reflux: student.json: \(shown) is 1, a setting that"))
    }
    let mix = "{\"sources\": [], \"\(String(repeating: "k", count: 900_000))\": 1}"
    try folder.write("mix.json", mix)
    let run = try command.run("plan", "--mix", "mix.json")
    #expect(run.exitCode == 2 && run.diagnostics.utf8.count < 300)
  }
}
