import Foundation

/// A folder of its own for one test, removed with everything in it at the end of its life.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    let base = FileManager.default.temporaryDirectory.path
    path = base + "/reflux-test-" + UUID().uuidString
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      preconditionFailure("no temporary folder: \(error)")
    }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in this folder.
  public func file(_ name: String) -> String { path + "/" + name }
}
