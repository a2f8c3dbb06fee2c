/// Why a verb stopped: one line for a person, one exit code for a script.
///
/// The line on standard error is `reflux: PATH: what was found; what to do`.
struct Failure: Error, CustomStringConvertible {
  /// The file or folder it is about; nil when it is about none.
  var path: String?
  /// One lower-case clause: what was found, what was expected and what to do.
  var message: String
  var exitCode: ExitCode

  init(path: String? = nil, _ message: String, exitCode: ExitCode = .failed) {
    self.path = path
    self.message = message
    self.exitCode = exitCode
  }

  /// Any error as a failure: a failure stays as it is, others get `path` and their module's code.
  init(_ error: any Error, at path: String? = nil) {
    if let failure = error as? Failure {
      self = failure
      if self.path == nil { self.path = path }
      return
    }
    self.init(
      path: path ?? Self.path(of: error), Self.message(of: error),
      exitCode: Self.exitCode(of: error))
  }

  /// A verb stopped by a signal. `hint` says how to go on: "run the same command again to go on".
  static func interrupted(path: String? = nil, _ hint: String) -> Failure {
    Failure(path: path, "interrupted; \(hint)", exitCode: .interrupted)
  }

  /// The message without a line break, whatever bytes a foreign file put into it.
  var description: String {
    let text = [path, message].compactMap { $0 }.joined(separator: ": ")
    return String(String.UnicodeScalarView(text.unicodeScalars.map(Self.printable)))
  }

  /// Control characters as a question mark: they could break the line or drive the terminal.
  private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.properties.generalCategory == .control ? "?" : scalar
  }
}

/// Runs `body`; an error leaves as a ``Failure`` that names `path`.
///
/// Every call into a library goes through here, so that each error gets its file's name once.
func at<Result>(_ path: String, _ body: () throws -> Result) throws(Failure) -> Result {
  do {
    return try body()
  } catch {
    throw Failure(error, at: path)
  }
}
