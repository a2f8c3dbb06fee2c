#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The one gate for everything that a command writes: passed before any work is done.
///
/// It knows what the command reads and lets no output lie over it, by whatever name: files are
/// compared by what they are (device and inode). Nothing but plain files is replaced, and no file
/// that exists, unless its kind says so or replacing was asked for. ``AtomicFile`` and
/// ``AppendedFile`` hold to the same rules where it matters most, so that what changes meanwhile
/// is refused too.
public struct OutputGate: Sendable {
  private let inputs: [String]
  private let replaces: Bool

  /// - Parameters:
  ///   - inputs: files and folders that are read; a folder stands for all files below it. What
  ///     does not exist is left to whoever reads it.
  ///   - replaces: files that exist may be replaced, of whatever kind; inputs never.
  public init(reading inputs: [String], replaces: Bool = false) {
    self.inputs = inputs
    self.replaces = replaces
  }

  /// Checks a file that is to appear whole under `path`.
  ///
  /// - Throws: ``OutputError`` with the first reason against it.
  /// - Complexity: a few system calls; where the file exists, a walk over the folders that are
  ///   read.
  public func check(file path: String, as kind: OutputKind) throws(OutputError) {
    try check(file: path, as: kind, folderMayBeMissing: false)
  }

  /// Checks that standard output, where it goes to a file, is none of the files that are read.
  ///
  /// - Parameter isRead: whether a file of this name may be read of a folder; others may lie there.
  /// - Throws: ``OutputError`` with `isStandardOutput`.
  /// - Complexity: a few system calls; where the file holds something, a walk over the folders that
  ///   are read.
  public func checkStandardOutput(
    inFolders isRead: (_ name: String) -> Bool
  ) throws(OutputError) {
    var status = stat()
    guard unsafe fstat(STDOUT_FILENO, &status) == 0, status.isPlainFile else { return }
    for input in inputs where Self.identity(of: input) == status.identity {
      throw OutputError(input, .isStandardOutput)
    }
    // What was emptied by opening it holds nothing that could be read.
    if status.st_size == 0 { return }
    for input in inputs where FileSystem.isFolder(path: input) {
      guard let found = Self.find(status.identity, below: input),
        isRead(FileSystem.name(of: found))
      else { continue }
      throw OutputError(found, .isStandardOutput)
    }
  }

  /// Checks that the outputs of one command, and what they are called while they are unfinished,
  /// are different files, none of which would be a folder of another.
  ///
  /// - Throws: ``OutputError`` with `isRead` for the first pair that is not.
  public static func checkApart(_ paths: [String]) throws(OutputError) {
    for (index, path) in paths.enumerated() {
      for other in paths[..<index] where meet(path, other) {
        throw OutputError(path, .isRead(output: other))
      }
    }
  }

  private static func meet(_ path: String, _ other: String) -> Bool {
    let (first, second) = (FileSystem.place(of: path), FileSystem.place(of: other))
    let partial = AtomicFile.partialSuffix
    for one in [first, first + partial] {
      for two in [second, second + partial] {
        if one == two || one.hasPrefix(two + "/") || two.hasPrefix(one + "/") { return true }
      }
    }
    return false
  }

  /// Checks a folder in which `files` are to be written, and each of them.
  ///
  /// The folder need not exist. It may not be one that is read.
  /// - Throws: ``OutputError`` with the first reason against it.
  public func check(
    folder path: String, files: [(name: String, kind: OutputKind)]
  ) throws(OutputError) {
    if path.isEmpty { throw OutputError(path, .noName) }
    if let status = FileSystem.status(of: path) {
      if let input = inputs.first(where: { status.identity == Self.identity(of: $0) }) {
        throw OutputError(input, .isRead(output: path))
      }
      if !status.isFolder { throw OutputError(path, .notAFolder) }
    } else if FileSystem.ownStatus(of: path)?.isLink == true {
      throw OutputError(path, .link(target: FileSystem.target(ofLink: path)))
    }
    for (name, kind) in files {
      try check(file: path + "/" + name, as: kind, folderMayBeMissing: true)
    }
  }

  private func check(
    file path: String, as kind: OutputKind, folderMayBeMissing: Bool
  ) throws(OutputError) {
    if path.isEmpty { throw OutputError(path, .noName) }
    if path == "-" { throw OutputError(path, .stream(kind: kind.name)) }
    let partial = path + AtomicFile.partialSuffix
    for name in [path, partial] { try checkInputs(name, of: path, kind) }
    if let status = FileSystem.ownStatus(of: partial), status.isPlainFile, status.st_nlink > 1 {
      throw OutputError(partial, .file(.hasOtherNames))
    }
    if try size(of: path, mayMissFolder: folderMayBeMissing) > 0, !replaces {
      let isOwn = isOwn(path, kind)
      if !kind.replacesOwn || !isOwn {
        throw OutputError(path, .exists(kind: kind.name, isOwn: isOwn))
      }
    }
    if try size(of: partial, mayMissFolder: true) > 0, !replaces {
      if kind.takesPartial, isOwn(partial, kind) { return }
      throw OutputError(partial, .foreignPartial)
    }
  }

  // MARK: Inputs

  private func checkInputs(
    _ name: String, of output: String, _ kind: OutputKind
  ) throws(OutputError) {
    guard let written = FileSystem.status(of: name)?.identity else { return }
    for input in inputs where Self.identity(of: input) == written {
      throw OutputError(input, .isRead(output: output))
    }
    if !kind.isReadInFolders, isOwn(name, kind) { return }
    for input in inputs where FileSystem.isFolder(path: input) {
      if let found = Self.find(written, below: input) {
        throw OutputError(found, .isRead(output: output))
      }
    }
  }

  /// The path of a file below a folder.
  private static func find(_ file: FileIdentity, below folder: String) -> String? {
    var found: String?
    FolderWalk(SystemPath(folder)).visit { item in
      if found == nil, item.identity == file { found = "\(item.path)" }
    }
    return found
  }

  /// What a path leads to; `-` is standard input.
  private static func identity(of path: String) -> FileIdentity? {
    FileSystem.status(of: path == "-" ? "/dev/stdin" : path)?.identity
  }

  // MARK: What is there

  /// The bytes of the plain file at `path`, 0 where there is none yet.
  private func size(of path: String, mayMissFolder: Bool) throws(OutputError) -> Int {
    guard let status = FileSystem.ownStatus(of: path) else {
      let code = errno
      if code != ENOENT && code != ENOTDIR {
        throw OutputError(path, .file(.failed(.inspect, code: code)))
      }
      if !mayMissFolder { try checkFolder(of: path) }
      return 0
    }
    if status.isPlainFile { return Int(status.st_size) }
    let leadsToFile = FileSystem.status(of: path)?.isPlainFile ?? true
    if status.isLink, leadsToFile {
      throw OutputError(path, .link(target: FileSystem.target(ofLink: path)))
    }
    throw OutputError(path, FileSystem.isFolder(path: path) ? .folder : .notAFile)
  }

  private func checkFolder(of path: String) throws(OutputError) {
    let folder = FileSystem.folder(of: path)
    if path.hasSuffix("/") { throw OutputError(path, .folder) }
    guard FileSystem.isFolder(path: folder) else { throw OutputError(path, .noFolder(folder)) }
    guard unsafe access(folder, W_OK | X_OK) == 0 else {
      throw OutputError(path, .file(.failed(.open, code: errno)))
    }
  }

  private func isOwn(_ path: String, _ kind: OutputKind) -> Bool {
    guard let file = try? MappedFile(path: path), file.count > 0 else { return false }
    let count = min(file.count, OutputKind.startBytes)
    return kind.isOwn(unsafe file.bytes.extracting(0..<count).withUnsafeBytes { unsafe Array($0) })
  }
}
