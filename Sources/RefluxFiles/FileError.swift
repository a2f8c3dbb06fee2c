#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the system refused to do with a file. Paths are left to whoever prints the error.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed; `code` is its `errno`.
  case failed(FileOperation, code: Int32)
  /// The path names a folder or a device where a plain file is needed.
  case notAFile
  /// Another process is writing the file's partial copy.
  case inUse

  public var description: String {
    switch self {
    case .failed(let operation, let code):
      "cannot \(operation.rawValue): \(Self.text(of: code))\(Self.advice(for: code))"
    case .notAFile:
      "not a plain file; name a file"
    case .inUse:
      "another process is writing this file; wait for it to end"
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

  private static func advice(for code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT, EFBIG: "; free some space and run the same command again"
    case ENOENT: "; check the path"
    case EACCES, EPERM, EROFS: "; check the permissions"
    case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
    default: ""
    }
  }
}
