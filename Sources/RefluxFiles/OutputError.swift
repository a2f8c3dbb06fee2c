/// Why nothing may be written under a name. The description leaves out ``path``.
public struct OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is in the way.
  public enum Reason: Equatable, Sendable {
    /// The name is empty.
    case noName
    /// `-`, which stands for standard output; `kind` is what cannot go there.
    case stream(kind: String)
    /// The file is read, or also written, by the same command; `output` is the name it would be
    /// written under.
    case isRead(output: String)
    /// Standard output goes to the file, which is read or written otherwise.
    case isStandardOutput
    /// A folder, where a file is to be written.
    case folder
    /// A file, where a folder is to be.
    case notAFolder
    /// A device, a pipe, a socket.
    case notAFile
    /// A link to `target`: replacing it would not write the file that it leads to.
    case link(target: String)
    /// There is no folder to write it in.
    case noFolder(String)
    /// A file exists; `kind` is what is to be written, `isOwn` whether it may be of that kind.
    case exists(kind: String, isOwn: Bool)
    /// A file that cannot be resumed lies where the unfinished output is to be.
    case foreignPartial
    /// The system refused to look.
    case file(FileError)
  }

  /// The file it is about: the output, or the input that it would replace.
  public let path: String
  /// What is in the way.
  public let reason: Reason

  /// Names a file and what is in the way.
  public init(_ path: String, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }

  /// Whether it is an older file that is in the way, which whoever asks for it may replace.
  public var mayBeReplaced: Bool {
    switch reason {
    case .exists, .foreignPartial: true
    default: false
    }
  }

  public var description: String {
    switch reason {
    case .noName: "the output has no name; name one"
    case .stream(let kind):
      "standard output, to which \(kind) cannot go; name a file (./- for one of this name)"
    case .isRead(let output):
      "would be overwritten by the output \(output); name another output"
    case .isStandardOutput:
      "standard output goes to this file, which the command names; send it elsewhere"
    case .folder: "a folder; name a file"
    case .notAFolder: "not a folder; name a folder"
    case .notAFile: "not a plain file; name another output"
    case .link(let target): "a link to \(target); name the file itself or another output"
    case .noFolder(let folder): "there is no folder \(folder); create it or name another output"
    case .exists(_, isOwn: true): "exists already; name another output"
    case .exists(let kind, isOwn: false):
      "exists already and is not \(kind); name another output"
    case .foreignPartial:
      "an unfinished file, which this cannot resume; move it away or name another output"
    case .file(let error): error.description
    }
  }
}
