#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Paths and listings.
extension FileSystem {
  /// The folder that holds `path`: `.` for a bare name, `/` for a name in the root.
  public static func folder(of path: String) -> String {
    var parts = path[...]
    while parts.count > 1, parts.hasSuffix("/") { parts.removeLast() }
    guard let slash = parts.lastIndex(of: "/") else { return "." }
    if slash == parts.startIndex { return "/" }
    return String(parts[..<slash])
  }

  /// The last component of `path`.
  public static func name(of path: String) -> String {
    var parts = path[...]
    while parts.count > 1, parts.hasSuffix("/") { parts.removeLast() }
    guard let slash = parts.lastIndex(of: "/"), parts.count > 1 else { return String(parts) }
    return String(parts[parts.index(after: slash)...])
  }

  /// The plain files below a folder, each as `folder/...`, in an order that depends on the names
  /// only (bytewise within each folder, a folder's files in the place of its name).
  ///
  /// Links to files count as files; links to folders are not followed, so no cycle can trap it.
  /// - Parameter recursive: false stays in the folder itself.
  public static func listFiles(
    path: String, recursive: Bool = true
  ) throws(FileError) -> [String] {
    var files: [String] = []
    for name in try entries(path: path) {
      let full = path.hasSuffix("/") ? path + name : path + "/" + name
      if isFolderItself(full) {
        if recursive { files += try listFiles(path: full) }
      } else if status(of: full)?.isPlainFile == true {
        files.append(full)
      }
    }
    return files
  }

  /// The names in a folder, bytewise sorted, of whatever kind they are.
  public static func names(in path: String) throws(FileError) -> [String] {
    try entries(path: path)
  }

  /// Whether two paths lead to one file or folder; false where one of them leads nowhere.
  public static func isSame(_ path: String, _ other: String) -> Bool {
    guard let first = status(of: path), let second = status(of: other) else { return false }
    return first.identity == second.identity
  }

  /// One text for all paths that lead to one place: links resolved, and what does not exist yet as
  /// it was written.
  public static func place(of path: String) -> String {
    if isFolder(path: path), let resolved = resolved(path) { return resolved }
    let folder = folder(of: path)
    let place = folder == path ? folder : place(of: folder)
    return (place == "/" ? "" : place) + "/" + name(of: path)
  }

  private static func resolved(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// The names in a folder, bytewise sorted, without `.` and `..`.
  static func entries(path: String) throws(FileError) -> [String] {
    guard let folder = unsafe opendir(path) else { throw .failed(.list, code: errno) }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else {
        if errno != 0 { throw .failed(.list, code: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe String(cString: UnsafeRawPointer(tuple).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// What `path` leads to, or nil with `errno` set.
  static func status(of path: String) -> stat? {
    var status = stat()
    // A string as an argument would be copied.
    return unsafe path.withCString { unsafe stat($0, &status) } == 0 ? status : nil
  }

  /// What `path` is, be it a link, or nil with `errno` set.
  static func ownStatus(of path: String) -> stat? {
    var status = stat()
    return unsafe path.withCString { unsafe lstat($0, &status) } == 0 ? status : nil
  }

  /// Whether `path` is a folder and not a link to one.
  static func isFolderItself(_ path: String) -> Bool {
    ownStatus(of: path)?.isFolder ?? false
  }

  /// What the link at `path` says; empty where it is none.
  static func target(ofLink path: String) -> String {
    var text = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink(path, &text, text.count)
    let bytes = text.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
