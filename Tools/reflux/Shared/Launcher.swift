import ArgumentParser

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Parses, runs, reports: the only place that ends the process.
enum Launcher {
  static func launch(_ arguments: [String]) -> Never {
    Signals.prepare()
    exit(run(arguments).rawValue)
  }

  /// Runs the verb that `arguments` name and reports its failure on standard error.
  private static func run(_ arguments: [String]) -> ExitCode {
    do {
      var command = try Reflux.parseAsRoot(arguments)
      try command.run()
      return .done
    } catch {
      return report(error)
    }
  }

  private static func report(_ error: any Error) -> ExitCode {
    guard let failure = failure(of: error) else { return reportParsing(error) }
    Console.note("reflux: \(failure)")
    return failure.exitCode
  }

  /// Nil when the error is the argument parser's own: help, version or wrong usage.
  private static func failure(of error: any Error) -> Failure? {
    if error is Failure { return Failure(error) }
    let isParsers = error is ValidationError || error is CleanExit
    let code = Reflux.exitCode(for: error)
    return isParsers || code == .success || code == .validationFailure ? nil : Failure(error)
  }

  /// Help is a result and goes to standard output; wrong usage is a diagnostic.
  private static func reportParsing(_ error: any Error) -> ExitCode {
    let text = Reflux.fullMessage(for: error)
    if Reflux.exitCode(for: error) == .success {
      do { try Output.line(text) } catch { return report(error) }
      return .done
    }
    let prefix = "Error: "
    Console.note(text.hasPrefix(prefix) ? "reflux: " + text.dropFirst(prefix.count) : text)
    return .usage
  }
}
