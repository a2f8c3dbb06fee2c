import ArgumentParser
import RefluxStorage

/// A store in another encoding.
struct Recompress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lay a store down anew: packed, plain, or at another level of LZ4.",
    discussion: """
      The records stay the same bit for bit, and so does the fingerprint, which is checked before \
      the new store gets its name. Packed stores get a dictionary from the frequencies of the ids \
      in their own sets, for which the source is read twice. A folder of shards becomes one file. \
      Stores of tokens are plain; for them there is --level.

      EXAMPLES:
        reflux recompress samples.rfx --output packed.rfx --encoding packed
        reflux recompress packed.rfx --output plain.rfx --encoding plain --level 12
        reflux recompress corpus.rfx --output small.rfx --level 9 --json
      """)

  @Argument(help: ArgumentHelp("The store: a file or a folder of shards.", valueName: "store"))
  var path: String

  @Option(help: ArgumentHelp("Where the new store goes.", valueName: "store"))
  var output: String

  @Option(help: "How sets are encoded: plain or packed (default: as they are).")
  var encoding: SampleEncoding?

  @OptionGroup var rewrite: RewriteOptions
  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    try replacing.gate(reading: [path]).admit(output, as: .rewrittenStore)
    _ = try at(path) { try OpenStore(path: path) }
    Interruption.finishSafely()
    var options = try rewrite.rewriting()
    options.encoding = encoding
    let progress = RewriteProgress("recompress", isQuiet: showing.quiet)
    try rewriting(path, output: output) {
      _ = try StoreRecompression.recompress(
        path: path, output: output, options, watch: progress.watch)
    }
    progress.finish()
    try printStore(at: output, json: printing.json)
  }
}
