#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Paths that count from a folder.
extension FileSystem {
  /// The path of what a file in `folder` calls `path`.
  public static func path(_ path: String, from folder: String) -> String {
    if path.isEmpty || path.hasPrefix("/") || folder == "." { return path }
    return path == "." ? folder : folder + "/" + path
  }

  /// What a file in `folder` has to call `path` so that ``path(_:from:)`` leads to it; paths that
  /// count from the root stay. The folder must exist, and neither may lead through `..` to a place
  /// that is not there.
  public static func path(_ path: String, seenFrom folder: String) -> String {
    guard !path.isEmpty, !path.hasPrefix("/"), let base = realPath(folder),
      let target = place(of: path)
    else { return path }
    let (from, to) = (base.split(separator: "/"), target.split(separator: "/"))
    let common = zip(from, to).prefix { $0 == $1 }.count
    let parts = Array(repeating: "..", count: from.count - common) + to[common...]
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  /// The place of a file that need not exist, by the real path of the nearest folder that does. A
  /// link is its own place, not what it leads to.
  private static func place(of path: String) -> String? {
    let name = name(of: path)
    if name == "." || name == ".." || name == "/" { return realPath(path) }
    let folder = folder(of: path)
    guard let base = realPath(folder) ?? place(of: folder) else { return nil }
    return base == "/" ? base + name : base + "/" + name
  }

  private static func realPath(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
