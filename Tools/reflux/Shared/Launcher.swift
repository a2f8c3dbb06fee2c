import ArgumentParser
import CRows
import RefluxBytes
import RefluxFiles
import RefluxMemory

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Parses, runs, reports: the only place that ends the process.
enum Launcher {
  static func launch(_ arguments: [String]) -> Never {
    requireProcessor()
    Signals.prepare()
    Arena.onExhaustion { bytes in
      let size = Quantity.scaled(Double(bytes), unit: "bytes")
      Console.note(
        "reflux: out of memory: the system did not give \(size) more; use a smaller batch,"
          + " window or model, fewer threads, or raise 'ulimit'")
      exit(ExitCode.failed.rawValue)
    }
    exit(run(arguments).rawValue)
  }

  /// Ends the process where its numeric modules would be illegal instructions.
  private static func requireProcessor() {
    if crows_runs_modules() != 0 { return }
    Console.note(
      "reflux: this processor lacks instructions of x86-64-v3 (AVX2, FMA, BMI2), expected those of"
        + " Intel's since 2013 or AMD's since 2017; run it on such a machine")
    exit(ExitCode.failed.rawValue)
  }

  /// Runs the verb that `arguments` name and reports its failure on standard error.
  private static func run(_ arguments: [String]) -> ExitCode {
    do {
      var command = try Reflux.parseAsRoot(arguments)
      try OutputGate(naming: arguments).admitStandardOutput()
      try command.run()
      return .done
    } catch {
      return report(error, arguments)
    }
  }

  private static func report(_ error: any Error, _ arguments: [String]) -> ExitCode {
    guard let failure = failure(of: error) else { return reportParsing(error, arguments) }
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

  /// The text with long values of the command line cut, which the parser echoes whole.
  private static func shortened(_ text: String, _ arguments: [String]) -> String {
    let values = arguments.flatMap { argument in
      [argument] + argument.split(separator: "=", maxSplits: 1).map(String.init)
    }
    let long = values.filter { $0.unicodeScalars.count > ForeignText.limit }
    return long.reduce(text) { $0.replacing($1, with: ForeignText.excerpt($1)) }
  }

  /// Help is a result and goes to standard output; wrong usage is a diagnostic.
  private static func reportParsing(_ error: any Error, _ arguments: [String]) -> ExitCode {
    let text = shortened(Reflux.fullMessage(for: error), arguments)
    if Reflux.exitCode(for: error) == .success {
      do { try Output.line(text) } catch { return report(error, arguments) }
      return .done
    }
    if let hint = UsageHint(arguments) {
      Console.note("reflux: " + Failure(hint.message).description)
      return .usage
    }
    let prefix = "Error: "
    Console.note(text.hasPrefix(prefix) ? "reflux: " + text.dropFirst(prefix.count) : text)
    return .usage
  }
}
