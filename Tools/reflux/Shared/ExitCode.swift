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
