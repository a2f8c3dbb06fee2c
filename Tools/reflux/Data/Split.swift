import ArgumentParser
import RefluxFiles
import RefluxStorage

/// One store in, a folder of shards out.
struct Split: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cut a store into a folder of shards.",
    discussion: """
      Writes sealed shards and, last of all, the manifest that makes one store of them; every verb \
      takes the folder where it takes a store. With --shards the cuts lie between blocks, so that \
      every block keeps the sum of its tokens; with --records they lie where they were asked for, \
      and --tokens gives the sums. 'reflux merge' makes the same store of the folder again.

      EXAMPLES:
        reflux split samples.rfx --output shards --shards 8
        reflux split corpus.rfx --output shards --records 1000000 --json
      """)

  @Argument(help: ArgumentHelp("The store: a file or a folder of shards.", valueName: "store"))
  var path: String

  @Option(help: ArgumentHelp("A new or empty folder for the shards.", valueName: "folder"))
  var output: String

  @Option(help: ArgumentHelp("How many shards.", valueName: "count"))
  var shards: Int?

  @Option(help: ArgumentHelp("Records of every shard but the last.", valueName: "count"))
  var records: Int?

  @Option(help: ArgumentHelp("The token store that samples belong to.", valueName: "store"))
  var tokens: String?

  @OptionGroup var rewrite: RewriteOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if (shards == nil) == (records == nil) {
      throw ValidationError("Give either --shards or --records")
    }
    if let shards, shards < 1 { throw ValidationError("--shards must be at least 1") }
    if let records, records < 1 { throw ValidationError("--records must be at least 1") }
  }

  func run() throws {
    // What the folder may hold is for the splitting to say, which knows its shards.
    try OutputGate(reading: [path, tokens].compactMap { $0 }).admit(folder: output, files: [])
    let split = try at(path) {
      try StoreSplit(path: path, into: records.map { .records($0) } ?? .shards(shards ?? 1))
    }
    Interruption.finishSafely()
    let options = try rewrite.rewriting(tokens: tokens)
    try at(output) { try split.makeFolder(output) }
    let progress = RewriteProgress("split", isQuiet: showing.quiet)
    let left = "the shards that lie there are no store yet"
    try rewriting(path, output: output, left: left) {
      _ = try split.write(to: output, options, watch: progress.watch)
    }
    progress.finish()
    try printStore(at: output, json: printing.json)
  }
}
