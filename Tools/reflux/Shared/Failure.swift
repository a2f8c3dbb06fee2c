import RefluxBytes

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

  /// A verb stopped by a signal. `hint` says how to resume: "run the same command again to resume".
  static func interrupted(path: String? = nil, _ hint: String) -> Failure {
    Failure(path: path, "interrupted; \(hint)", exitCode: .interrupted)
  }

  /// The line, whatever a foreign file put into it: see `ForeignText`.
  var description: String {
    let start = message.unicodeScalars.prefix(Self.limit)
    let end = start.endIndex < message.endIndex ? "..." : ""
    let text = [path, String(start)].compactMap { $0 }.joined(separator: ": ")
    return ForeignText.shown(text) + end
  }

  /// The most characters of a message; foreign texts in it are cut long before.
  private static let limit = 1000
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

/// What the process tells its caller; the only exit codes of the command.
enum ExitCode: Int32, Sendable {
  /// The verb did what it was asked.
  case done = 0
  /// The verb could not do it: a file is missing, a disk is full, a loss became NaN.
  case failed = 1
  /// A file was read and its content is wrong: damaged, unsealed, of another kind or mismatched.
  case badData = 2
  /// The command line is wrong.
  case usage = 64
  /// A signal asked the verb to stop (SIGINT, SIGTERM).
  case interrupted = 130
}
