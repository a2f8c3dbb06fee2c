/// Where the sources of this package lie, for tests that read files of the tree.
public enum RepositoryFolder {
  /// The path of the package's root.
  public static let path: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  /// The path of a file or folder given relative to the root.
  public static func file(_ relative: String) -> String { path + "/" + relative }
}
