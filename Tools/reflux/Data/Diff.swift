import ArgumentParser
import RefluxBytes
import RefluxJSON
import RefluxStorage

/// In what two stores differ.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the content of two stores.",
    discussion: """
      Compares record by record, position by position, and the document starts of token stores; \
      how blocks are encoded and cut into files does not matter. Exit code 0: the same content; 1: \
      different. Facts of the headers that differ, such as the teacher's name, are listed and do \
      not count.

      EXAMPLES:
        reflux diff samples.rfx packed.rfx
        reflux diff samples.rfx shards/ --json
      """)

  @Argument(help: ArgumentHelp("A store: a file or a folder of shards.", valueName: "store"))
  var first: String

  @Argument(help: ArgumentHelp("Another store of the same kind.", valueName: "other-store"))
  var second: String

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    let progress = Progress("diff", unit: "records", isQuiet: showing.quiet)
    let comparison: StoreComparison
    do {
      comparison = try StoreComparison.compare(first, second) { done, total in
        progress.update(to: done, of: total)
        return true
      }
    } catch StoreError.shard(let path, let error) {
      throw Failure(error, at: path)
    }
    progress.finish(summary: false)
    try facts(comparison).print(json: printing.json)
    notePadding(comparison)
    if let message = message(comparison) { throw Failure(path: second, message) }
  }

  /// Says what it means that equal records have room for different numbers of ids.
  private func notePadding(_ comparison: StoreComparison) {
    let sizes = comparison.headerDifferences.first { $0.name == "vocabulary_size" }
    guard comparison.isSame, let sizes, let one = Int(sizes.first), let other = Int(sizes.second)
    else { return }
    Console.note(
      "reflux: \(second): the stores differ in padding: no record holds an id from"
        + " \(min(one, other)) to \(max(one, other) - 1)")
  }

  private func facts(_ comparison: StoreComparison) -> Facts {
    var facts = Facts()
    facts.add("same", .bool(comparison.isSame))
    facts.add("records_compared", .integer(comparison.recordsCompared))
    facts.add("records_different", .integer(comparison.recordsDifferent))
    facts.add("only_in_first", .integer(comparison.onlyInFirst))
    facts.add("only_in_second", .integer(comparison.onlyInSecond))
    facts.add("documents_different", .integer(comparison.documentsDifferent))
    let difference = comparison.firstDifference
    facts.add(
      "first_difference", difference.map { .object(Self.object($0)) } ?? .null,
      text: difference.map { "position \(Quantity.grouped($0.position))" })
    facts.add(
      "header_differences",
      .array(
        comparison.headerDifferences.map {
          ["name": .string($0.name), "first": .string($0.first), "second": .string($0.second)]
        }.map { .object($0) }),
      text: "\(comparison.headerDifferences.count)")
    if printing.json { return facts }
    if let difference {
      facts.add(line: Self.text(difference.first), label: "first store")
      facts.add(line: Self.text(difference.second), label: "second store")
    }
    for fact in comparison.headerDifferences {
      let values = [fact.first, fact.second].map { $0.isEmpty ? "-" : $0 }
      facts.add(line: "\(values[0]) | \(values[1])", label: fact.name)
    }
    return facts
  }

  private static func object(_ difference: StoreComparison.Difference) -> JSONObject {
    [
      "position": .integer(difference.position),
      "first": difference.first.map { .object(object($0)) } ?? .null,
      "second": difference.second.map { .object(object($0)) } ?? .null,
    ]
  }

  /// A record as `cat` prints it, without its number.
  private static func object(_ record: StoredRecord) -> JSONObject {
    switch record {
    case .token(let id): return ["token": .integer(Int(id))]
    case .sample(let record):
      let object = record.object(isWeighted: record.counts.isEmpty && !record.weights.isEmpty)
      return JSONObject(object.members.filter { $0.key != "record" })
    }
  }

  private static func text(_ record: StoredRecord?) -> String {
    record.map { object($0).line } ?? "no such record"
  }

  /// What goes to standard error where the content differs.
  private func message(_ comparison: StoreComparison) -> String? {
    if comparison.isSame { return nil }
    guard let difference = comparison.firstDifference else {
      return "differs from \(first) in \(comparison.documentsDifferent) document starts"
    }
    return "differs from \(first), first at position \(difference.position)"
  }
}
