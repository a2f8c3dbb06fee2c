import ArgumentParser
import RefluxFiles
import RefluxJSON
import RefluxRecipes
import RefluxStorage

/// What is intact of a damaged or unsealed store.
struct Recover: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Save what is intact of an unsealed or damaged store.",
    discussion: """
      Writes a new store; the damaged file is only read. Of a token store every whole block is \
      kept, and what follows a gap starts a new document. Of a sample store everything up to the \
      first damage is kept, so that each record keeps its place beside its token. Of a folder of \
      shards the damaged ones are named, to be recovered one by one.

      EXAMPLES:
        reflux recover corpus.rfx.partial --output saved.rfx
        reflux recover damaged.rfx --output saved.rfx --json
      """)

  @Argument(help: ArgumentHelp("The unsealed or damaged file.", valueName: "path"))
  var path: String

  @Option(help: ArgumentHelp("Where the new store goes.", valueName: "store"))
  var output: String

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    try replacing.gate(reading: [path]).admit(output, as: .rewrittenStore)
    if FileSystem.isFolder(path: path) { throw try adviceForFolder() }
    let progress = Progress("recover", unit: "bytes", isQuiet: showing.quiet)
    _ = try at(path) { try MappedFile(path: path) }
    let recovery = try recovering {
      try StoreRecovery.recover(path: path, output: output) { done, total in
        progress.update(to: done, of: total)
      }
    }
    progress.finish()
    var facts = Facts()
    facts.add("output", .string(output))
    facts.add("records_recovered", .integer(recovery.recordsRecovered))
    facts.add("records_lost", .integer(recovery.recordsLost))
    try facts.print(json: printing.json)
  }

  /// Which shards of the folder are to be recovered.
  private func adviceForFolder() throws(Failure) -> Failure {
    let progress = Progress("verify", unit: "blocks", isQuiet: showing.quiet)
    let verification = try at(path) {
      try StoreVerification.verify(path: path, jobs: ProcessorCount.active) { done, total in
        progress.update(to: done, of: total)
      }
    }
    progress.finish(summary: false)
    var damaged: [String] = []
    for name in verification.failures.compactMap(\.file) where damaged.last != name {
      damaged.append(name)
    }
    guard let first = damaged.first else {
      let found = verification.failures.first?.message ?? "no shard is damaged"
      return Failure(path: path, found + "; 'reflux merge' joins shards", exitCode: .badData)
    }
    let names = damaged.joined(separator: ", ")
    return Failure(
      path: path,
      "a folder, in which \(names) is damaged; recover shard by shard: "
        + "'reflux recover \(path)/\(first) --output <store>'", exitCode: .badData)
  }

  /// Runs a step that reads `path`, which is known to open, and writes `output`: so what the
  /// system refuses is about the output.
  private func recovering<Result>(
    _ body: () throws -> Result
  ) throws(Failure) -> Result {
    do {
      return try body()
    } catch StoreError.file(let error) {
      throw Failure(error, at: output)
    } catch {
      throw Failure(error, at: path)
    }
  }
}
