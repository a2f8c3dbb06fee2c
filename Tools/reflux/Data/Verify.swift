import ArgumentParser
import RefluxStorage

/// Every checksum and every invariant of a store.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check every byte of a store.",
    discussion: """
      Reads the whole store and checks every checksum and every rule of the format. With --against \
      also that a sample store belongs to a token store. Exit code 0: all is well; 2: something is \
      wrong, each error on a line of its own with its block and byte offset.

      EXAMPLES:
        reflux verify corpus.rfx
        reflux verify samples.rfx --against corpus.rfx
        reflux verify samples.rfx --json
      """)

  @Argument(help: ArgumentHelp("The store.", valueName: "store"))
  var path: String

  @Option(help: ArgumentHelp("The token store that a sample store belongs to.", valueName: "tokens"))
  var against: String?

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions
}
