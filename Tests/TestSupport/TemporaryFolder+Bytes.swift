import Foundation

extension TemporaryFolder {
  /// Writes a plain file, without the care of the library.
  ///
  /// Removes an older file first: some file systems wait for the disk when a file is rewritten.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = file(name)
    try? FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}
