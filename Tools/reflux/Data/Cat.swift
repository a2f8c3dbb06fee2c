import ArgumentParser
import RefluxStorage

/// Records of a store as JSON lines.
struct Cat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print records of a store as JSON lines.",
    discussion: """
      One object for each record. Tokens: `record`, `token`. Samples: `record`, `ids`, `counts`, \
      `rounds`, or `record`, `ids`, `weights` in stores of weights. Ends quietly when the reader \
      of standard output goes away.

      EXAMPLES:
        reflux cat corpus.rfx --records 0..<16
        reflux cat samples.rfx --records 1000..<1001
        reflux cat corpus.rfx | head
      """)

  @Argument(help: ArgumentHelp("The store.", valueName: "store"))
  var path: String

  @Option(
    help: ArgumentHelp("Which records: A..<B, A..< or ..<B (default: all).", valueName: "range"))
  var records: RecordRange?

  @OptionGroup var printing: OutputOptions
}
