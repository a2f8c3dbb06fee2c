/// The one place that knows every module's errors: what each means to the caller of the command.
extension Failure {
  /// Bad data when the content of a file is at fault, failed for everything else.
  static func exitCode(of error: any Error) -> ExitCode {
    .failed
  }

  /// The clause that the error's own module wrote.
  static func message(of error: any Error) -> String {
    String(describing: error)
  }

  /// The file that the error itself names, where its module knows it better than the verb.
  static func path(of error: any Error) -> String? {
    nil
  }
}
