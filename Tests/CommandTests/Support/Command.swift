import Foundation
import TestSupport

/// The built program, run as a user runs it.
struct Command {
  /// What a run left.
  struct Outcome: Equatable {
    var output: String
    var diagnostics: String
    var exitCode: Int32

    init(_ output: String = "", diagnostics: String = "", exitCode: Int32 = 0) {
      self.output = output
      self.diagnostics = diagnostics
      self.exitCode = exitCode
    }
  }

  /// Where it runs; paths in arguments and messages are relative to it.
  let folder: TemporaryFolder

  /// The `reflux` beside the test bundle, of the same build.
  static let program: String = {
    #if os(macOS)
      let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
      let products = bundle.bundleURL.deletingLastPathComponent()
    #else
      let products = Bundle.main.bundleURL
    #endif
    return products.appendingPathComponent("reflux").path
  }()

  /// Runs `reflux` with `arguments` to its end.
  func run(_ arguments: String...) throws -> Outcome {
    try run(arguments)
  }

  func run(_ arguments: [String]) throws -> Outcome {
    try launch(Self.program, arguments).outcome()
  }

  /// Runs a line of `sh` in which `$reflux` is the program.
  func shell(_ line: String) throws -> Outcome {
    try launch("/bin/sh", ["-c", line]).outcome()
  }

  /// Starts `reflux` with `arguments` and leaves it running.
  ///
  /// - Parameter diagnostics: where its standard error goes; nil keeps it for the outcome.
  func start(_ arguments: String..., diagnostics: FileHandle? = nil) throws -> Running {
    try launch(Self.program, arguments, diagnostics: diagnostics)
  }

  func start(_ arguments: [String], diagnostics: FileHandle? = nil) throws -> Running {
    try launch(Self.program, arguments, diagnostics: diagnostics)
  }

  private func launch(
    _ program: String, _ arguments: [String], diagnostics: FileHandle? = nil
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    var environment = ProcessInfo.processInfo.environment
    environment["reflux"] = Self.program
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["LC_ALL"] = "C"
    environment["TERM"] = "xterm"
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    return try Running(process, diagnostics: diagnostics)
  }
}

/// A run that has begun.
final class Running {
  let process: Process
  private let output: URL
  private let diagnostics: URL

  /// Starts `process`. Output goes to files, not pipes: a pipe that nobody empties would block it.
  init(_ process: Process, diagnostics other: FileHandle?) throws {
    self.process = process
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("reflux-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    output = scratch.appendingPathComponent("output")
    diagnostics = scratch.appendingPathComponent("diagnostics")
    process.standardOutput = try Self.fresh(output)
    let errors = try Self.fresh(diagnostics)
    process.standardError = other ?? errors
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
    try? FileManager.default.removeItem(at: output.deletingLastPathComponent())
  }

  /// What the run has written to standard error so far.
  func diagnosticsSoFar() throws -> String {
    String(decoding: try Data(contentsOf: diagnostics), as: UTF8.self)
  }

  /// What the run has written to standard output so far.
  func outputSoFar() throws -> String {
    String(decoding: try Data(contentsOf: output), as: UTF8.self)
  }

  /// Waits for the end.
  func outcome() throws -> Command.Outcome {
    process.waitUntilExit()
    let code =
      process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
    return Command.Outcome(
      String(decoding: try Data(contentsOf: output), as: UTF8.self),
      diagnostics: try diagnosticsSoFar(), exitCode: code)
  }

  private static func fresh(_ url: URL) throws -> FileHandle {
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }
}
