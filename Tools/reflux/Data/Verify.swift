import ArgumentParser
import RefluxBytes
import RefluxJSON
import RefluxRecipes
import RefluxStorage

/// Every checksum and every invariant of a store.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check every byte of a store.",
    discussion: """
      Reads the whole store and checks every checksum and every rule of the format. With --against \
      also that a sample store belongs to a token store, block by block. The blocks are checked by \
      --jobs threads; the outcome does not depend on them. Exit code 0: all is well; 2: something \
      is wrong, each error on a line of its own with its block and byte offset, and in a folder \
      with its file; of more than a thousand the first thousand.

      EXAMPLES:
        reflux verify corpus.rfx
        reflux verify samples.rfx --against corpus.rfx
        reflux verify shards/ --jobs 8
        reflux verify samples.rfx --json
      """)

  @Argument(help: ArgumentHelp("The store: a file or a folder of shards.", valueName: "store"))
  var path: String

  @Option(
    help: ArgumentHelp("The token store that a sample store belongs to.", valueName: "tokens"))
  var against: String?

  @Option(help: "Threads that check (default: one for each processor).")
  var jobs: Int?

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs must be 1 to 1024")
    }
  }

  func run() throws {
    let tokens = try against.map { path in try at(path) { try TokenStore(path: path) } }
    let progress = Progress("verify", unit: "blocks", isQuiet: showing.quiet)
    let verification = try at(path) {
      try StoreVerification.verify(
        path: path, against: tokens, jobs: jobs ?? ProcessorCount.active
      ) { done, total in progress.update(to: done, of: total) }
    }
    progress.finish(summary: false)
    try print(verification)
    if let tokens, verification.isValid { try notePadding(tokens) }
    if let failure = failure(verification) { throw failure }
  }

  /// Says where two stores of one text have room for different numbers of ids.
  private func notePadding(_ tokens: TokenStore) throws(Failure) {
    try at(path) {
      let samples = try SampleStore(path: path)
      let (ids, known) = (samples.vocabularySize, tokens.vocabularySize)
      if ids == known { return }
      let largest = try samples.largestID()
      Console.note(
        "reflux: \(path): has \(ids) ids, the tokens \(known): those from \(known) on are padding, "
          + (largest < known ? "and no set holds one" : "yet sets hold ids up to \(largest)"))
    }
  }

  private func print(_ verification: StoreVerification) throws(Failure) {
    var facts = Facts()
    facts.add("ok", .bool(verification.isValid))
    facts.add("blocks", .integer(verification.blocks))
    facts.add("records", .integer(verification.records), label: "intact records")
    facts.add(
      "errors", .array(verification.failures.map { .object(object($0)) }),
      text: Quantity.grouped(verification.failureCount))
    facts.addHidden("error_count", .integer(verification.failureCount))
    if !printing.json {
      let shown = verification.failures
      for failure in shown { facts.add(line: text(failure), label: "error") }
      let others = verification.failureCount - shown.count
      if others > 0 {
        facts.add(line: "\(Quantity.grouped(others)) more, not shown", label: "errors")
      }
    }
    try facts.print(json: printing.json)
  }

  private func object(_ failure: StoreVerification.Failure) -> JSONObject {
    var object: JSONObject = [
      "block": failure.block.map { .integer($0) } ?? .null, "offset": .integer(failure.offset),
      "message": .string(failure.message),
    ]
    if let file = failure.file { object.members.insert(.init("file", .string(file)), at: 0) }
    return object
  }

  /// A failure on one line; those of header, index and trailer say themselves where they are.
  private func text(_ failure: StoreVerification.Failure) -> String {
    let file = failure.file.map { $0 + ": " } ?? ""
    guard let block = failure.block else { return file + failure.message }
    return file + "block \(block) at offset \(failure.offset): \(failure.message)"
  }

  /// What goes to standard error: the one error, or how many there are and the first.
  private func failure(_ verification: StoreVerification) -> Failure? {
    guard let first = verification.failures.first else { return nil }
    let count = verification.failureCount
    let advice =
      first.block == nil
      ? first.remedy.map(Failure.words(for:)) ?? "" : "; run 'reflux recover'"
    let start = count == 1 ? "" : "\(Quantity.grouped(count)) errors, the first: "
    return Failure(path: path, start + text(first) + advice, exitCode: .badData)
  }
}
