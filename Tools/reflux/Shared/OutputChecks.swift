import ArgumentParser
import RefluxFiles
import RefluxStorage

/// The option of every verb that writes files.
struct ReplaceOptions: ParsableArguments {
  @Flag(help: "Replace files that exist under the names of what is written; never an input.")
  var force = false

  /// The gate of a verb that reads `inputs`; every output must pass it before any work is done.
  func gate(reading inputs: [String?]) -> OutputGate {
    OutputGate(reading: inputs.compactMap { $0 }, replaces: force)
  }
}

extension OutputGate {
  /// Passes a file; an empty name, a file that is read and all else in the way is a failure.
  func admit(_ path: String, as kind: OutputKind) throws(Failure) {
    do throws(OutputError) { try check(file: path, as: kind) } catch { throw Failure(error) }
  }

  /// Passes a file beside another output, which must be another file.
  func admit(_ path: String, as kind: OutputKind, beside other: String) throws(Failure) {
    if path == other {
      throw Failure(OutputError(other, .isRead(output: path)))
    }
    try admit(path, as: kind)
  }

  /// Passes a folder and what is going to be written in it.
  func admit(
    folder path: String, files: [(name: String, kind: OutputKind)]
  ) throws(Failure) {
    do throws(OutputError) { try check(folder: path, files: files) } catch {
      throw Failure(error)
    }
  }
}

/// What verbs write.
extension OutputKind {
  /// Tokens; an unfinished store of them is begun anew.
  static let tokens = OutputKind("a store of tokens", isReadInFolders: false) {
    RecordKind(fileStart: $0) == .tokens
  }
  /// Samples; a finished store of them is compared with what was asked for, an unfinished one is
  /// gone on with.
  static let samples = OutputKind(
    "a store of samples", replacesOwn: true, isReadInFolders: false
  ) {
    RecordKind(fileStart: $0) == .samples
  }
  /// Another form of a store; an unfinished store may be a capture that took days.
  static let rewrittenStore = OutputKind("a store", takesPartial: false) {
    RecordKind(fileStart: $0) != nil
  }
  static let array = OutputKind(
    "a NumPy array", startingWith: [0x93] + Array("NUMPY".utf8))
  static let tokenizer = OutputKind("a tokenizer", startingWith: Array("{".utf8))
  /// A page of charts, which is drawn again from what it shows.
  static let page = OutputKind(
    "a page of reflux", replacesOwn: true, isReadInFolders: false
  ) { start in
    String(decoding: start, as: UTF8.self).contains(#"content="reflux""#)
  }
  /// A list of shards, which is made again from them.
  static let manifest = OutputKind("a manifest of reflux", replacesOwn: true) { start in
    String(decoding: start, as: UTF8.self).contains("reflux-manifest")
  }
  /// The settings of a run, which it leaves again.
  static let runFile = OutputKind("the settings of a run of reflux", replacesOwn: true) { start in
    String(decoding: start, as: UTF8.self).contains(#""software": "reflux"#)
  }
  static let model = OutputKind("a model", startingWith: [])
  /// What a run has logged before its first checkpoint, from which it starts over.
  static let metrics = OutputKind("a log of steps", replacesOwn: true) { start in
    start.starts(with: Array(#"{"step":"#.utf8))
  }
  static let events = OutputKind("a log of steps", replacesOwn: true) { _ in true }
}

extension Failure {
  static func exitCode(of error: OutputError) -> ExitCode {
    switch error.reason {
    case .noName, .stream, .isRead: .usage
    case .folder, .notAFolder, .notAFile, .link, .noFolder, .exists, .foreignPartial, .file:
      .failed
    }
  }

  /// The clause of the gate, and the option that opens it.
  static func message(of error: OutputError) -> String {
    switch error.reason {
    case .exists, .foreignPartial: "\(error), or replace it with --force"
    default: "\(error)"
    }
  }
}
