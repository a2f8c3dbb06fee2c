import RefluxFiles

/// Where a page goes: a file, or standard output.
struct PageOutput {
  let path: String
  /// Whether the page takes the place of the facts that the verb prints otherwise.
  let isStandardOutput: Bool

  /// Passes the gate.
  ///
  /// - Parameter json: facts are wanted as JSON, for which standard output must be free.
  init(_ path: String, _ gate: OutputGate, json: Bool) throws(Failure) {
    self.path = path
    isStandardOutput = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path)
    if !isStandardOutput {
      try gate.admit(path, as: .page)
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
