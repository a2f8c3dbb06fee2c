import RefluxFiles
import RefluxReport

/// Where a page goes: a file, or standard output.
struct PageOutput {
  let path: String
  /// Whether the page takes the place of the facts that the verb prints otherwise.
  let isStandardOutput: Bool

  /// Names of standard output.
  static let streams = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]

  /// Passes the gate.
  ///
  /// - Parameters:
  ///   - kind: what is drawn; an older page of the kind is replaced.
  ///   - json: facts are wanted as JSON, for which standard output must be free.
  init(
    _ path: String, _ kind: PageKind, _ gate: OutputGate, json: Bool
  ) throws(Failure) {
    self.path = path
    isStandardOutput = Self.streams.contains(path)
    if !isStandardOutput {
      try gate.admit(path, as: .page(kind))
    } else if json {
      throw Failure(
        path: path, "the page and --json both go to standard output; name a file for the page",
        exitCode: .usage)
    }
  }

  func write(_ html: String) throws(Failure) {
    if isStandardOutput { return try Output.write(html) }
    try at(path) { try FileSystem.writeFile(path: path, bytes: Array(html.utf8)) }
  }
}

extension PageKind {
  /// The verb that draws such pages.
  var verb: String {
    switch self {
    case .store: "stats"
    case .evaluation: "evaluate"
    case .runs: "report"
    case .quickstart: "quickstart"
    }
  }
}
