import ArgumentParser
import RefluxJSON
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

  func run() throws {
    let store = try at(path) { try StoreInspection(path: path) }
    var facts = Facts()
    addSizes(of: store, to: &facts)
    addProvenance(store.header.provenance, of: store.header.kind, to: &facts)
    facts.add("fingerprint", store.fingerprint.map { .hash($0) } ?? .null)
    try facts.print(json: printing.json)
  }

  private func addSizes(of store: StoreInspection, to facts: inout Facts) {
    facts.add("kind", .string("\(store.header.kind)"))
    facts.add("format_version", .integer(store.formatVersion))
    facts.add("sealed", .bool(store.isSealed))
    facts.add("records", .integer(store.records))
    if store.header.kind == .tokens { facts.add("documents", .integer(store.documents)) }
    facts.add("vocabulary_size", .integer(store.header.vocabularySize))
    if store.header.kind == .samples {
      facts.add("capacity", .integer(store.header.capacity))
      facts.add("weighted", .bool(store.header.isWeighted))
    }
    facts.add("blocks", .integer(store.blocks))
    facts.add("records_per_block", .integer(store.header.recordsPerBlock))
    facts.add("codec", .string(store.codec))
    facts.add("file_bytes", .integer(store.fileBytes))
    facts.add("bytes_per_record", .number(store.bytesPerRecord))
    facts.add("raw_bytes_per_record", .integer(store.header.recordBytes))
  }

  private func addProvenance(
    _ provenance: StoreProvenance, of kind: RecordKind, to facts: inout Facts
  ) {
    facts.add("tokenizer_hash", .hash(provenance.tokenizerHash))
    if kind == .tokens { return }
    facts.add("tokens_hash", .hash(provenance.tokensHash))
    facts.add("teacher", .string(provenance.teacher))
    let (estimator, rounds) = (provenance.estimator, provenance.rounds)
    let (tau, seed) = (provenance.tau, provenance.seed)
    facts.add(
      "sampler",
      .object([
        "estimator": .string(estimator), "rounds": .integer(rounds), "tau": .number(tau),
        "seed": .exact(seed),
      ]),
      text: "\(estimator), \(rounds) rounds, tau \(Quantity.decimal(tau)), seed \(seed)")
    facts.add("context_length", .integer(provenance.contextLength))
    facts.add("stride", .integer(provenance.stride))
  }
}
