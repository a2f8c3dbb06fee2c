import ArgumentParser
import RefluxStorage

/// What a store says about itself.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a store holds: header, provenance, sizes.",
    discussion: """
      Reads the header and the index, not the records; never writes. An unsealed file (one that \
      ends in .partial) is shown as far as it goes, with `sealed` false.

      EXAMPLES:
        reflux inspect corpus.rfx
        reflux inspect samples.rfx --json
        reflux inspect samples.rfx --json | python3 -m json.tool
      """)

  @Argument(help: ArgumentHelp("The store.", valueName: "store"))
  var path: String

  @OptionGroup var printing: OutputOptions
}
