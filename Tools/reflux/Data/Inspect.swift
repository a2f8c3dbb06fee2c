import ArgumentParser
import RefluxStorage

/// What a store says about itself.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a store holds: header, provenance, sizes.",
    discussion: """
      Reads the header and the trailer, not the records; never writes. A folder of shards is shown \
      as one store. An unsealed file (one that ends in .partial) is shown as far as it goes, with \
      `sealed` false.

      EXAMPLES:
        reflux inspect corpus.rfx
        reflux inspect samples.rfx --json
        reflux inspect shards/
        reflux inspect samples.rfx.partial --json | python3 -m json.tool
      """)

  @Argument(help: ArgumentHelp("The store: a file or a folder of shards.", valueName: "store"))
  var path: String

  @OptionGroup var printing: OutputOptions

  func run() throws {
    let store = try at(path) { try StoreInspection(path: path) }
    var facts = Facts()
    facts.add(store)
    try facts.print(json: printing.json)
  }
}
