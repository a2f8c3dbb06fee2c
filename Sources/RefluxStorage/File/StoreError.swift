public import RefluxBytes
public import RefluxFiles

/// Why a store cannot be opened, read, written or recovered. Paths are left to whoever prints it.
public enum StoreError: Remediable, Equatable, Sendable, CustomStringConvertible {
  /// The system refused. What was written before stays in the partial file.
  case file(FileError)
  /// The file has no bytes.
  case empty
  /// The file starts with other bytes than a store does.
  case notAStore(start: [UInt8])
  /// The magic shows that line ends were converted on the way.
  case convertedLineEnds
  /// A newer version of the format.
  case unsupportedVersion(Int)
  /// Feature bits that this version does not know.
  case unsupportedFeatures(UInt32)
  /// The file has no trailer: its writer did not finish.
  case unsealed
  /// Only the partial file exists.
  case unfinished
  /// A store of the other kind was given.
  case wrongKind(expected: RecordKind, found: RecordKind)
  /// A sample store whose records mean something else than was asked for.
  case otherValues(found: String, expected: String)
  /// A part of the file is damaged.
  case damaged(StorePart, offset: Int, StoreFault)
  /// A sample store that was made from other tokens.
  case tokensDiffer(expected: UInt64, found: UInt64)
  /// A sample store with more records than its token store.
  case moreSamplesThanTokens(samples: Int, tokens: Int)
  /// A sample store with a smaller vocabulary than its token store.
  case vocabulariesDiffer(samples: Int, tokens: Int)
  /// A shard of a larger store where a whole one is needed.
  case onlyAShard(first: Int)
  /// A folder's manifest that cannot be read or does not fit its shards.
  case manifest(String)
  /// A manifest that its shards no longer match.
  case manifestIsStale(String)
  /// A folder without a manifest.
  case noManifest
  /// Something is wrong with one of several files: a shard of a folder, or one of the stores that
  /// were named.
  indirect case shard(String, StoreError)
  /// Shards that cannot be joined into one store.
  case join(String)
  /// Records that the store does not have.
  case outOfRange(first: Int, end: Int, count: Int)
  /// A record that the writer cannot take; nothing of it was written.
  case refused(record: Int, RecordFault)
  /// A store that cannot be written as asked.
  case configuration(String)
  /// A partial file that was written with other settings.
  case differentPartial(String, expected: String, found: String)
  /// A finished store that was written with other settings lies where one is to be written.
  case differentStore(String, expected: String, found: String)
  /// The writer met an error before and takes nothing more.
  case writerFailed
  /// The work was stopped as its caller wished; nothing new is under the output's name.
  case stopped

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .unsealed, .unfinished: .recover
    case .damaged(let part, _, _): part == .header ? nil : .recover
    case .onlyAShard, .manifestIsStale: .join
    case .noManifest: .joinByManifest
    case .shard(_, let error): error.remedy
    case .differentStore: .replaceOutput
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .empty: "the file is empty; name a store (.rfx)"
    case .notAStore(let start):
      "not a store: it starts with \(Self.text(of: start)); name a store (.rfx)"
    case .convertedLineEnds:
      "line ends were converted in transfer; copy the file again in binary mode"
    case .unsupportedVersion(let version):
      "format version \(version) is not known, expected \(StoreLimits.version); "
        + "use a newer reflux"
    case .unsupportedFeatures(let bits):
      "feature bits 0x\(String(bits, radix: 16)) are not known; use a newer reflux"
    case .unsealed:
      "not sealed: its writer did not finish; run the same command again, or recover what is intact"
    case .unfinished:
      "only its partial file exists: its writer did not finish; run the same command again, or "
        + "recover the .partial file"
    case .wrongKind(let expected, let found):
      "the store holds \(found), expected \(expected); name a store of \(expected)"
    case .otherValues(let found, let expected):
      "the store holds \(found), expected \(expected); name a store of \(expected)"
    case .damaged(let part, let offset, let fault):
      "\(part) at offset \(offset): \(fault); \(Self.advice(for: part))"
    default: recordDescription
    }
  }

  private var recordDescription: String {
    switch self {
    case .tokensDiffer(let expected, let found):
      "the samples belong to tokens \(hexadecimal(expected)), found tokens "
        + "\(hexadecimal(found)); name the token store that the samples were made from"
    case .moreSamplesThanTokens(let samples, let tokens):
      "\(samples) sample sets for \(tokens) tokens; name the token store they were made from"
    case .vocabulariesDiffer(let samples, let tokens):
      "the samples have a vocabulary of \(samples), the tokens one of \(tokens); "
        + "name the token store they were made from"
    case .onlyAShard(let first):
      "the store is a shard from position \(first) on; join all shards"
    case .manifest(let text): "\(StoreManifest.fileName): \(text)"
    case .manifestIsStale(let text): "\(StoreManifest.fileName): \(text); join the shards again"
    case .noManifest:
      "\(StoreManifest.fileName): not in the folder; name a store, or join shards into one"
    case .shard(let name, let error): "\(foreign: name): \(error)"
    case .join(let text): text
    case .stopped: "stopped; run the same command again to start over"
    case .outOfRange(let first, let end, let count):
      "records \(first)..<\(end) are outside the store's 0..<\(count)"
    case .refused(let record, let fault): "record \(record) cannot be written: \(fault)"
    case .configuration(let text): text
    case .differentPartial(let name, let expected, let found):
      "the partial file has \(name) \(foreign: found), expected \(expected); "
        + "use the settings it was begun with or remove it"
    case .differentStore(let name, let expected, let found):
      "a finished store, which has \(name) \(found), expected \(expected); name another output"
    default: "an earlier write failed; run the same command again"
    }
  }

  private static func advice(for part: StorePart) -> String {
    part == .header ? "restore the file from a copy" : "recover what is intact"
  }

  /// The first bytes of a foreign file: as text where they are printable, else as hexadecimal.
  private static func text(of start: [UInt8]) -> String {
    if start.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x09 }) {
      let text = String(decoding: start, as: UTF8.self)
      return "\"" + text.replacing("\n", with: "\\n").replacing("\t", with: "\\t") + "\""
    }
    return start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}

/// Runs a file operation inside the storage module's own error type.
func wrappingFileError<Value: ~Copyable>(
  _ body: () throws(FileError) -> Value
) throws(StoreError) -> Value {
  do {
    return try body()
  } catch {
    throw .file(error)
  }
}

/// A part of a store's file, as errors name it.
public enum StorePart: Equatable, Sendable, CustomStringConvertible {
  case header
  case dictionary
  case block(Int)
  case index
  case trailer

  public var description: String {
    switch self {
    case .header: "header"
    case .dictionary: "dictionary"
    case .block(let number): "block \(number)"
    case .index: "index"
    case .trailer: "trailer"
    }
  }
}
