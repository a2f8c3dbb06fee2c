import ArgumentParser
import Foundation
import RefluxBytes
import RefluxFiles
import RefluxModel
import RefluxRecipes

/// The whole road on real text.
struct QuickstartVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quickstart",
    abstract: "The whole road on real text: tokenizer, teacher, cache, students, report.",
    usage: SettingOptions<QuickstartSettings>.usage,
    discussion: """
      Trains a tokenizer and a teacher, stores the teacher's sample sets, trains students of one \
      size from labels (CE), from the teacher's top 12 ids, from 50 random draws (RS-KD) and from \
      its full distribution (FullKD) on the same batches, and compares them on held-out text. \
      Takes some minutes and less than 4 GiB, or with --small about a minute, of less text and \
      smaller models; report.html and results.json are the last files \
      written. Stopped with Ctrl-C, the same command resumes. The \
      text is the Swift toolchain's own interfaces and headers unless --data names another.

      EXAMPLES:
        reflux quickstart
        reflux quickstart --small
        reflux quickstart --output my-run --seed 7
        reflux quickstart --data books/ notes.txt --output books-run --json
      """)

  @OptionGroup var options: SettingOptions<QuickstartSettings>
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    // What the folder may hold is for the recipe to say, which resumes its own.
    guard let settings = try options.resolve() else { return }
    try OutputGate(reading: settings.data).admit(
      folder: settings.folder, files: [(RunFolder.settingsName, .runFile)])
    Interruption.finishSafely()
    let results = try run(settings)
    if printing.json { return try Output.line(results.json) }
    try Output.line(results.table)
    for remark in results.remarks { try Output.line(remark) }
    try Output.line("report: \(results.reportPath)")
    if settings.small { try Output.line("full size, some minutes: reflux quickstart") }
  }

  private func run(_ settings: QuickstartSettings) throws(Failure) -> QuickstartResults {
    let recipe = Quickstart(
      settings.configuration, corpus: try findText(settings),
      folder: QuickstartFolder(path: settings.folder), compute: settings.compute,
      observer: .console(
        isQuiet: showing.quiet, words: { "loss " + Quantity.fixed($0.loss, places: 3) }))
    var asked = settings
    asked.output = settings.folder
    asked.compute.precision = settings.compute.format
    (recipe.settings, recipe.software) = (asked, Reflux.software)
    return try stoppable(
      at: settings.folder, "finished stages are kept; run the same command again to resume"
    ) {
      do { return try recipe.run(about: Self.about(settings)) } catch RecipeError.tooFewFiles(
        let found)
      {
        throw Failure(RecipeError.tooFewFiles(found: found), at: settings.folder)
      }
    }
  }

  private func findText(_ settings: QuickstartSettings) throws(Failure) -> TextCorpus {
    if settings.data.isEmpty { return try ToolchainText.find() }
    var search = CorpusSearch()
    search.excluded = [settings.folder]
    do throws(RecipeError) { return try TextCorpus(paths: settings.data, search) } catch {
      throw Failure(error)
    }
  }

  /// Machine, date and settings for the report.
  private static func about(
    _ settings: QuickstartSettings
  ) -> [(label: String, value: String)] {
    let compute = settings.compute
    let machine =
      processorName() + ", \(compute.threadCount) threads, matrix products in "
      + compute.format.rawValue
    let day = String(Timestamp.text(Timestamp.now).prefix(10))
    return [("Machine", machine), ("Date", day), ("Seed", "\(settings.seed)")]
  }

  private static func processorName() -> String {
    let bytes = (try? FileSystem.readFile(path: "/proc/cpuinfo", as: .systemTable)) ?? []
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    return name ?? ProcessInfo.processInfo.operatingSystemVersionString
  }
}
