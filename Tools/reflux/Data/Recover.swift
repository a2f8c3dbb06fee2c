import ArgumentParser
import RefluxStorage

/// What is intact of a damaged or unsealed store.
struct Recover: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Save what is intact of an unsealed or damaged store.",
    discussion: """
      Writes a new store; the damaged file is only read. Records keep their numbers, so that a \
      sample store stays aligned with its token store: everything before the first damaged block \
      is kept.

      EXAMPLES:
        reflux recover corpus.rfx.partial --output corpus.rfx
        reflux recover damaged.rfx --output saved.rfx --json
      """)

  @Argument(help: ArgumentHelp("The unsealed or damaged file.", valueName: "path"))
  var path: String

  @Option(help: ArgumentHelp("Where the new store goes.", valueName: "store"))
  var output: String

  @OptionGroup var printing: OutputOptions
}
