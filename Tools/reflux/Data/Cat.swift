import ArgumentParser
import RefluxJSON
import RefluxRecipes
import RefluxSettings
import RefluxStorage
import RefluxTargets

/// Records of a store as JSON lines.
struct Cat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print records of a store as JSON lines.",
    discussion: """
      One object for each record. Tokens: `record`, `token`. Samples: `record`, `ids`, `counts`, \
      `rounds`, or `record`, `ids`, `weights` in stores of weights; then what the store keeps \
      of the whole distribution: `mass`, `logsum`, `entropy`, `label`. Ends quietly when the \
      reader of standard output goes away.

      With --follow also of a store that is still being written, named by its own path or that of \
      its .partial file: whole blocks are printed as they come, until the store is sealed.

      EXAMPLES:
        reflux cat corpus.rfx --records '0..<16'
        reflux cat samples.rfx --records '1000..<1001'
        reflux cat corpus.rfx | head
        reflux cat samples.rfx.partial --follow
      """)

  @Argument(help: ArgumentHelp("The store: a file or a folder of shards.", valueName: "store"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "Which records, in quotes for the shell: A..<B, A..< or ..<B (default: all).",
      valueName: "range"))
  var records: RecordRange?

  @Flag(help: "Wait for more records until the store is sealed.")
  var follow = false

  @OptionGroup var printing: OutputOptions

  func run() throws {
    if follow { return try runFollowing() }
    let store = try at(path) { try OpenStore(path: path) }
    let range = try (records ?? RecordRange.all).resolve(count: store.count, path: path)
    try print(range, of: store)
  }

  /// Prints records as they come.
  private func runFollowing() throws {
    Interruption.finishSafely()
    let wanted = records ?? RecordRange.all
    let follower = StoreFollower(path: path)
    var next = wanted.lower
    while true {
      try at(path) { try follower.look() }
      if let store = follower.store {
        let end = min(store.count, wanted.upper ?? .max)
        if next < end { try print(next..<end, of: store) }
        next = max(next, end)
      }
      if next >= wanted.upper ?? .max || Output.isClosed { return }
      if follower.isSealed {
        _ = try wanted.resolve(count: follower.store?.count ?? 0, path: path)
        return
      }
      try Interruption.check(path: path, "its writer may still run; run the same command again")
      Output.rest(milliseconds: 200)
    }
  }

  private func print(_ range: Range<Int>, of store: OpenStore) throws(Failure) {
    switch store {
    case .tokens(let tokens):
      let reader = tokens.makeReader()
      try forEachBatch(of: range, size: 4096) { part throws(Failure) in
        let ids = try at(path) { try reader.read(part) }
        return zip(part, ids).map { ["record": .integer($0), "token": .integer(Int($1))] }
      }
    case .samples(let samples):
      let reader = samples.makeReader()
      let isWeighted = samples.isWeighted
      try forEachBatch(of: range, size: 512) { part throws(Failure) in
        let records = try at(path) { try reader.records(part) }
        return records.map { $0.object(isWeighted: isWeighted) }
      }
    }
  }

  /// Prints what `lines` makes of each part of the range, until the reader of the output is gone.
  private func forEachBatch(
    of range: Range<Int>, size: Int, _ lines: (Range<Int>) throws(Failure) -> [JSONObject]
  ) throws(Failure) {
    var start = range.lowerBound
    while start < range.upperBound, !Output.isClosed, !Interruption.isRequested {
      let end = min(start + size, range.upperBound)
      try Output.write(lines(start..<end).map { $0.line + "\n" }.joined())
      start = end
    }
  }
}

extension SampleRecord {
  /// The record as `cat` prints it.
  func object(isWeighted: Bool) -> JSONObject {
    var object: JSONObject = ["record": .integer(record), "ids": .integers(ids)]
    if isWeighted {
      object.members.append(.init("weights", .array(weights.map { .number($0) })))
    } else {
      object.members.append(.init("counts", .integers(counts)))
      object.members.append(.init("rounds", .integer(rounds)))
    }
    for extra in TargetScalar.allCases {
      guard let value = extras[extra] else { continue }
      object.members.append(.init(extra.rawValue, .number(value)))
    }
    return object
  }
}
