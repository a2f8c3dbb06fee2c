import ArgumentParser
import RefluxFiles
import RefluxReport
import RefluxStorage

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
    let store = try at(path) { try OpenStore(path: path) }
    let tokens = try against.map { path in try at(path) { try TokenStore(path: path) } }
    let progress = Progress("stats", unit: "records", isQuiet: showing.quiet)
    func watch(_ done: Int, _ total: Int) -> Bool {
      progress.update(to: done, of: total)
      return true
    }
    let (facts, report): (Facts, StoreReport)
    switch store {
    case .samples(let samples):
      let statistics = try at(path) {
        try SampleStatistics(samples, against: tokens, watch: watch)
      }
      (facts, report) = (Self.facts(statistics), Self.report(path, statistics, samples))
    case .tokens(let found):
      if against != nil {
        throw Failure(
          StoreError.wrongKind(expected: .samples, found: .tokens), at: path)
      }
      let statistics = try at(path) { try TokenStatistics(found, watch: watch) }
      (facts, report) = (Self.facts(statistics), Self.report(path, statistics, found))
    }
    progress.finish(summary: false)
    try page?.write(report.html())
    if page?.isStandardOutput != true { try facts.print(json: printing.json) }
  }
}
