import ArgumentParser
import RefluxFiles
import RefluxRecipes
import RefluxReport

/// What a store is made of.
struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a store, and what takes its bytes.",
    discussion: """
      Reads the whole store and checks it on the way. Samples: how many ids the sets hold, their \
      mass (the field `mass` or the sum of the weights), what else the store keeps; with --against \
      also how often a set holds the token that follows. Tokens: documents, their lengths, the \
      most frequent ids. Both: every byte by the part of the file it belongs to. --html writes \
      the same as a page with charts that needs nothing else.

      EXAMPLES:
        reflux stats samples.rfx --against corpus.rfx
        reflux stats corpus.rfx --json
        reflux stats shards/ --html stats.html
      """)

  @Argument(help: ArgumentHelp("The store: a file or a folder of shards.", valueName: "store"))
  var path: String

  @Option(
    help: ArgumentHelp("The token store that a sample store belongs to.", valueName: "tokens"))
  var against: String?

  @Option(
    help: ArgumentHelp(
      "Where a page with charts goes; an older page of this verb is replaced.", valueName: "file"))
  var html: String?

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    let page = try html.map { html throws(Failure) in
      try PageOutput(
        html, .store, replacing.gate(reading: [path, against]), json: printing.json)
    }
    let statistics = try StatsRecipe(path, against: against).run(
      .console(isQuiet: showing.quiet, hasSummary: false))
    try page?.write(statistics.page(title: FileSystem.name(of: path)).html())
    if page?.isStandardOutput != true { try statistics.facts.print(json: printing.json) }
  }
}
