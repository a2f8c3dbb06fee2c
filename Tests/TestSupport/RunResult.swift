import Foundation

/// What a finished child process left.
public struct RunResult: Sendable {
  /// The exit status, or the number of the signal that ended the process.
  public let status: Int32
  /// Everything on standard output, which must be UTF-8.
  public let output: String
  /// Everything on standard error, which must be UTF-8.
  public let errors: String

  /// Runs a program found through `PATH` and waits for its end.
  public static func run(_ arguments: [String]) throws -> RunResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let folder = TemporaryFolder()
    let output = try writing(to: folder.file("output"))
    let errors = try writing(to: folder.file("errors"))
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    return RunResult(
      status: process.terminationStatus,
      output: try String(contentsOfFile: folder.file("output"), encoding: .utf8),
      errors: try String(contentsOfFile: folder.file("errors"), encoding: .utf8))
  }

  private static func writing(to path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }
}
