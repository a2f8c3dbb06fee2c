import ArgumentParser
import RefluxJSON
import RefluxRecipes

/// The ids of a token store for other programs.
struct ExportNPY: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "npy", abstract: "Write the ids of a token store as a NumPy array.",
    discussion: """
      The array has one axis and two bytes for each id up to a vocabulary of 65,536, four beyond \
      it. It does not say where documents start.

      EXAMPLES:
        reflux export npy corpus.rfx --output ids.npy
        reflux export npy corpus.rfx --output ids.npy --json
        python3 -c 'import numpy; print(numpy.load("ids.npy", mmap_mode="r"))'
      """)

  @Argument(help: ArgumentHelp("The token store.", valueName: "store"))
  var store: String

  @Option(help: ArgumentHelp("Where the array goes.", valueName: "array"))
  var output: String

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    try replacing.gate(reading: [store]).admit(output, as: .array)
    Interruption.finishSafely()
    let progress = Progress("export", unit: "tokens", isQuiet: showing.quiet)
    let summary = try stoppable(output: output) { () throws(RecipeError) in
      try NPYExport(output: output).run(store, observer: progress.observer)
    }
    progress.finish()
    var facts = Facts()
    facts.add("output", .string(output))
    facts.add("records", .integer(summary.records))
    facts.add("bytes_per_record", .integer(summary.bytesPerRecord))
    facts.add(warnings: summary.warnings)
    try facts.print(json: printing.json)
  }
}
