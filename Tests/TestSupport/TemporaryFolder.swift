import Foundation

/// A folder of its own for one test, removed with everything in it at the end of its life.
public final class TemporaryFolder: Sendable {
  /// The absolute path, without a slash at its end.
  public let path: String

  /// - Parameter isSmall: the test writes less than a few MiB, often; the folder is in memory where
  ///   the system has such a place.
  public init(isSmall: Bool = false) {
    let memory = "/dev/shm"
    let inMemory = isSmall && FileManager.default.isWritableFile(atPath: memory)
    let base = inMemory ? memory : FileManager.default.temporaryDirectory.path
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
