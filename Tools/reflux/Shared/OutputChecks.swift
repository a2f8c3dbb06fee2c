import ArgumentParser
import RefluxBytes
import RefluxFiles
import RefluxReport
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
    do throws(OutputError) { try Self.checkApart([other, path]) } catch { throw Failure(error) }
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

extension OutputGate {
  /// Passes standard output, which may go to none of the files that are read.
  func admitStandardOutput() throws(Failure) {
    do throws(OutputError) { try checkStandardOutput(inFolders: Self.isRead) } catch {
      throw Failure(error)
    }
  }

  /// The gate of standard output for whatever a command line names, be it read or written.
  init(naming arguments: [String]) {
    let values = arguments.map { argument in
      guard argument.hasPrefix("--"), let mark = argument.firstIndex(of: "=") else {
        return argument
      }
      return String(argument[argument.index(after: mark)...])
    }
    self.init(reading: values.filter { !$0.isEmpty && !PageOutput.streams.contains($0) })
  }

  /// Whether a file in the folder of a model, a store or a run is one that is read of it.
  private static func isRead(_ name: String) -> Bool {
    [".rfx", ".safetensors", ".partial"].contains { name.hasSuffix($0) }
      || [
        "config.json", "generation_config.json", "manifest.json", "metrics.jsonl",
        "model.safetensors.index.json", "special_tokens_map.json", "tokenizer.json",
        "tokenizer_config.json",
      ].contains(name)
  }
}

/// What verbs write.
extension OutputKind {
  /// Tokens; an unfinished store of them is begun anew.
  static let tokens = OutputKind("a store of tokens", isReadInFolders: false) {
    RecordKind(fileStart: $0) == .tokens
  }
  /// Another form of a store; an unfinished store may be a capture that took days.
  static let rewrittenStore = OutputKind("a store", takesPartial: false) {
    RecordKind(fileStart: $0) != nil
  }
  static let array = OutputKind(
    "a NumPy array", startingWith: [0x93] + Array("NUMPY".utf8))
  static let tokenizer = OutputKind("a tokenizer", startingWith: Array("{".utf8))
  /// A page of charts, which the same verb draws again.
  static func page(_ kind: PageKind) -> OutputKind {
    let name = "a page of 'reflux \(kind.verb)'"
    return OutputKind(name, replacesOwn: true, isReadInFolders: false) { start in
      String(decoding: start, as: UTF8.self).contains(kind.mark)
    }
  }
  /// A list of shards, which is made again from them.
  static let manifest = OutputKind("a manifest of reflux", replacesOwn: true) { start in
    String(decoding: start, as: UTF8.self).contains("reflux-manifest")
  }
}

extension Failure {
  static func exitCode(of error: OutputError) -> ExitCode {
    switch error.reason {
    case .noName, .stream, .isRead, .isStandardOutput: .usage
    case .folder, .notAFolder, .notAFile, .link, .noFolder, .exists, .foreignPartial, .file:
      .failed
    }
  }

  /// The clause of the gate, and the option that opens it.
  static func message(of error: OutputError) -> String {
    "\(error)" + (error.mayBeReplaced ? words(for: .replaceOutput) : "")
  }
}
