#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the system refused to do with a file. Paths are left to whoever prints the error.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed; `code` is its `errno`.
  case failed(FileOperation, code: Int32)
  /// The path names a folder, pipe, socket or device where a plain file is needed.
  case notAFile
  /// The path names a link where a file is to be written.
  case isLink
  /// The file has further names, under which its content would change too.
  case hasOtherNames
  /// A writer holds the file's partial copy; `by` is its process id (this process's own for a
  /// writer of its own), nil where the system does not tell.
  case inUse(by: Int32?)
  /// The file lost its end while it was mapped: what was read of it may be zeros.
  case cut
  /// Something else lies under the path than what was mapped, or it was written to since.
  case changed
  /// Nothing lies under the path any more.
  case gone
  /// The file has more than `limit` bytes, the most that the reader takes.
  case tooLarge(limit: Int)
  /// What Git's large file storage leaves in place of a file that was not fetched.
  case pointer

  public var description: String {
    switch self {
    case .failed(let operation, let code):
      "cannot \(operation.rawValue): \(Self.text(of: code))\(Self.advice(for: code, operation))"
    case .notAFile:
      "not a plain file; name a file"
    case .isLink:
      "a link; name the file that it leads to, or remove it"
    case .hasOtherNames:
      "has further names (hard links), whose content would change too; remove this one"
    case .inUse(let writer):
      "\(writer.map { "process \($0)" } ?? "another process") is writing this file; "
        + "wait for it to end"
    case .cut:
      "another process shortened the file while it was being read; wait for it to end and run "
        + "the same command again"
    case .changed:
      "another process changed the file while it was being read; restore it and run the same "
        + "command again"
    case .gone:
      "the file was removed or renamed while it was being read; put it back and run the same "
        + "command again"
    case .tooLarge(let limit):
      "larger than the \(limit) bytes that are accepted; check that it is the right file"
    case .pointer:
      "a Git LFS pointer in place of the file; fetch the file with 'git lfs pull'"
    }
  }

  /// Whether the error says that nothing exists under the path.
  public var isMissing: Bool {
    if case .failed(_, ENOENT) = self { true } else { false }
  }

  private static func text(of code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  private static func advice(for code: Int32, _ operation: FileOperation) -> String {
    switch code {
    case ENOMEM where operation == .map:
      "; raise the limits of mapped files (vm.max_map_count) and of address space (ulimit -v)"
    case ENOSPC, EDQUOT, EFBIG: "; free some space and run the same command again"
    case ENOENT: "; check the path"
    case EACCES, EPERM, EROFS: "; check the permissions"
    // The library's own memory is in order: only a mapped file can lose its pages.
    case EFAULT: "; the file that it comes from was shortened meanwhile"
    case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
    default: ""
    }
  }
}

/// The step at which a file failed; the raw value is the verb of the error message.
public enum FileOperation: String, Equatable, Sendable {
  case open
  case read
  case write
  case sync = "flush to disk"
  case rename
  case truncate
  case map
  case list
  case create = "create the folder"
  case remove
  case inspect
}
