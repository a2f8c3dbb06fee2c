public import RefluxBytes
public import RefluxFiles
public import RefluxStorage

/// Why a benchmark stopped. The description leaves the path out, the command puts it in front.
public enum BenchmarkError: Remediable, Equatable, Sendable, CustomStringConvertible {
  /// A store could not be written or read.
  case store(path: String, StoreError)
  /// The system refused something about a file.
  case file(path: String, FileError)
  /// The scratch folder takes no file with holes.
  case simulation(path: String, String)
  /// A sample store with weights instead of counts.
  case weighted(path: String)
  /// A sample store with fewer records than the measurements need.
  case tooFewRecords(path: String, found: Int, needed: Int)
  /// The feed stopped; its own words.
  case feed(String)
  /// The observer asked for the end.
  case interrupted

  /// The file it is about.
  public var path: String? {
    switch self {
    case .store(let path, _), .file(let path, _), .weighted(let path),
      .tooFewRecords(let path, _, _), .simulation(let path, _):
      path
    case .feed, .interrupted: nil
    }
  }

  public var remedy: Remedy? {
    switch self {
    case .store(_, let error): error.remedy
    case .simulation: .simulateLess
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .store(_, let error): error.description
    case .file(_, let error): error.description
    case .simulation(_, let reason):
      "cannot write a store with holes (\(reason)); take a smaller one"
    case .weighted: "holds weights; name a sample store with counts, as random draws make them"
    case .tooFewRecords(_, let found, let needed):
      "holds \(found) records, at least \(needed) are needed; name a larger store"
    case .feed(let reason): reason
    case .interrupted: "interrupted"
    }
  }
}

/// Runs `body`; what the storage throws leaves as an error about `path`.
func naming<Result>(
  _ path: String, _ body: () throws(StoreError) -> Result
) throws(BenchmarkError) -> Result {
  do throws(StoreError) { return try body() } catch { throw .store(path: path, error) }
}
