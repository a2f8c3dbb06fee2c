import ArgumentParser
import RefluxFiles
import RefluxStorage

/// Options of verbs that write the records of stores anew.
struct RewriteOptions: ParsableArguments {
  @Option(help: "LZ4's level: 0 fast, 1 to 12 slower and smaller. Packed blocks do not use it.")
  var level = 0

  func validate() throws {
    guard (0...12).contains(level) else { throw ValidationError("--level must be 0 to 12") }
  }

  /// The rewriting, with the tokens at a path if one is given.
  func rewriting(tokens path: String? = nil) throws(Failure) -> StoreRewriting {
    var rewriting = StoreRewriting()
    rewriting.level = level
    rewriting.software = Reflux.software
    rewriting.tokens = try path.map { path throws(Failure) in
      try at(path) { try TokenStore(path: path) }
    }
    return rewriting
  }
}

/// The stages of a rewriting on standard error.
final class RewriteProgress {
  private let verb: String
  private let isQuiet: Bool
  private var current: (stage: StoreRewriting.Stage, progress: Progress)?

  init(_ verb: String, isQuiet: Bool) {
    self.verb = verb
    self.isQuiet = isQuiet
  }

  /// Shows what is done; false once a signal asked for the end.
  func watch(_ stage: StoreRewriting.Stage, _ done: Int, _ total: Int) -> Bool {
    if current?.stage != stage {
      finish()
      let name = stage == .count ? "count ids" : verb
      current = (
        stage, Progress(name, unit: "records", total: total, isQuiet: isQuiet)
      )
    }
    current?.progress.update(to: done)
    return !Interruption.isRequested
  }

  func finish() {
    current?.progress.finish()
    current = nil
  }
}

/// Runs a step that reads the stores at `source` and writes `output`.
///
/// What the system refuses is about the output, unless it is about bytes that were read; an error
/// of one of several sources names that one.
///
/// - Parameter left: what a stopped step leaves under the output's name.
func rewriting<Result>(
  _ source: String, output: String, left: String = "nothing new is under this name",
  _ body: () throws -> Result
) throws(Failure) -> Result {
  do {
    return try body()
  } catch StoreError.stopped {
    throw .interrupted(path: output, "\(left); run the same command again to start over")
  } catch StoreError.file(.cut) {
    throw Failure(StoreError.file(.cut), at: source)
  } catch StoreError.file(let error) {
    throw Failure(StoreError.file(error), at: output)
  } catch {
    throw Failure(error, at: source)
  }
}
