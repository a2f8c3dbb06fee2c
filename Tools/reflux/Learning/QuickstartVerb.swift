import ArgumentParser
import Foundation
import RefluxFiles
import RefluxMemory
import RefluxModel
import RefluxRecipes

/// The whole road on real text.
struct QuickstartVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quickstart",
    abstract: "The whole road on real text: tokenizer, teacher, cache, students, report.",
    discussion: """
      Trains a tokenizer and a teacher, stores the teacher's sample sets, trains students of one \
      size from labels (CE), from the teacher's top 12 ids, from 50 random draws (RS-KD) and from \
      its full distribution (FullKD) on the same batches, and compares them on held-out text. \
      Takes some minutes and less than 4 GiB, or with --small about a minute, of less text and \
      smaller models; report.html and results.json are the last files \
      written. Stopped with Ctrl-C, the same command goes on. The \
      text is the Swift toolchain's own interfaces and headers unless --data names another.

      EXAMPLES:
        reflux quickstart
        reflux quickstart --small
        reflux quickstart --output my-run --seed 7
        reflux quickstart --data books/ notes.txt --output books-run --json
      """)

  @Flag(help: "Less text and smaller models: about a minute on two cores.")
  var small = false
  @Option(
    help: ArgumentHelp(
      "Folder for everything that is made (default: quickstart, or quickstart-small).",
      valueName: "folder"))
  var output: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Text files and folders instead of the toolchain's.", valueName: "path"))
  var data: [String] = []
  @Option(help: "Seed of weights, order and draws.")
  var seed: UInt64 = 0

  var folder: String { output ?? (small ? "quickstart-small" : "quickstart") }

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    // What the folder may hold is for the recipe to say, which goes on with its own.
    try OutputGate(reading: data).admit(folder: folder, files: [])
    Interruption.finishSafely()
    try compute.run(QuickstartRun(verb: self))
  }
}

/// The steps of `quickstart`.
private struct QuickstartRun: ComputeBody {
  let verb: QuickstartVerb

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    let corpus = try findText()
    let recipe = Quickstart<Element>(
      configuration, corpus: corpus,
      folder: QuickstartFolder(path: verb.folder), workers: workers, observer: observer)
    let results: QuickstartResults
    do {
      results = try recipe.run(about: Self.about(Element.name, workers.count, seed: verb.seed))
    } catch RecipeError.interrupted {
      throw Failure.interrupted(
        path: verb.folder, "finished stages are kept; run the same command again to go on")
    } catch {
      throw Failure(error, at: (error as? RecipeError)?.path ?? verb.folder)
    }
    if verb.printing.json { return try Output.line(results.json) }
    try Output.line(results.table)
    for remark in results.remarks { try Output.line(remark) }
    try Output.line("report: \(results.reportPath)")
    if verb.small { try Output.line("full size, some minutes: reflux quickstart") }
  }

  private var configuration: QuickstartConfiguration {
    verb.small ? .small(seed: verb.seed) : QuickstartConfiguration(seed: verb.seed)
  }

  private func findText() throws(Failure) -> TextCorpus {
    if verb.data.isEmpty { return try ToolchainText.find() }
    var search = CorpusSearch()
    search.excluded = [verb.folder]
    do throws(RecipeError) { return try TextCorpus(paths: verb.data, search) } catch {
      throw Failure(error)
    }
  }

  private var observer: StageObserver {
    let isQuiet = verb.showing.quiet
    return StageObserver(
      begin: { name, unit, total, done in
        let progress = Progress(name, unit: unit, total: total, start: done, isQuiet: isQuiet)
        return StageObserver.Stage(
          update: { count, note in progress.update(to: count, note: note) },
          finish: { progress.finish() })
      }, isInterrupted: { Interruption.isRequested })
  }

  /// Machine, date and settings for the report.
  private static func about(
    _ element: String, _ threads: Int, seed: UInt64
  ) -> [(label: String, value: String)] {
    let day = DateFormatter()
    day.locale = Locale(identifier: "en_US_POSIX")
    day.dateFormat = "yyyy-MM-dd"
    return [
      ("Machine", processorName() + ", \(threads) threads, matrix products in \(element)"),
      ("Date", day.string(from: Date())), ("Seed", "\(seed)"),
    ]
  }

  private static func processorName() -> String {
    let bytes = (try? FileSystem.readFile(path: "/proc/cpuinfo", as: .systemTable)) ?? []
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    return name ?? ProcessInfo.processInfo.operatingSystemVersionString
  }
}
