import ArgumentParser
import RefluxJSON
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

  /// Records whose lines are made and written together.
  private static let batch = 4096

  func run() throws {
    switch try AnyStore(path: path) {
    case .tokens(let tokens): try print(tokens)
    case .samples(let samples): try print(samples)
    }
  }

  private func print(_ tokens: TokenStore) throws(Failure) {
    let reader = tokens.makeReader()
    var ids = [UInt32](repeating: 0, count: Self.batch)
    try forEachBatch(of: tokens.count) { range throws(Failure) in
      try at(path) {
        var span = ids.mutableSpan
        try reader.read(range, into: &span)
      }
      return range.map { record in
        ["record": .integer(record), "token": .integer(Int(ids[record - range.lowerBound]))]
      }
    }
  }

  private func print(_ samples: SampleStore) throws(Failure) {
    let reader = samples.makeReader()
    try forEachBatch(of: samples.count) { range throws(Failure) in
      var objects: [JSONObject] = []
      for number in range {
        let record = try at(path) { try reader.record(number) }
        objects.append(object(record, isWeighted: samples.isWeighted))
      }
      return objects
    }
  }

  private func object(_ record: SampleRecord, isWeighted: Bool) -> JSONObject {
    let ids = JSONValue.integers(record.ids)
    if isWeighted {
      let weights = JSONValue.array(record.weights.map { .number($0) })
      return ["record": .integer(record.record), "ids": ids, "weights": weights]
    }
    return [
      "record": .integer(record.record), "ids": ids, "counts": .integers(record.counts),
      "rounds": .integer(record.rounds),
    ]
  }

  /// Prints what `lines` makes of each part of the range, until the reader of the output is gone.
  private func forEachBatch(
    of count: Int, _ lines: (Range<Int>) throws(Failure) -> [JSONObject]
  ) throws(Failure) {
    let range = try (records ?? RecordRange.all).resolve(count: count, path: path)
    var start = range.lowerBound
    while start < range.upperBound, !Output.isClosed {
      let end = min(start + Self.batch, range.upperBound)
      try Output.write(lines(start..<end).map { $0.line + "\n" }.joined())
      start = end
    }
  }
}
