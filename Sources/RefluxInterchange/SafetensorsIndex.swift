internal import RefluxBytes
internal import RefluxJSON

/// The index of a model in several files (`model.safetensors.index.json`): which file has which
/// tensor.
public struct SafetensorsIndex: Equatable, Sendable {
  /// One line of the weight map.
  public struct Entry: Equatable, Sendable {
    /// The tensor's name, as in the file that holds it.
    public let tensor: String
    /// A plain file name in the index's own folder.
    public let file: String
  }

  /// The tensors in the order of the index.
  public let entries: [Entry]

  /// Reads an index.
  ///
  /// - Throws: `InterchangeError` where the text is not a JSON object, `weight_map` is missing or
  ///   empty, or a file's name is anything but a plain name: a path could lead out of the model's
  ///   folder.
  public init(json: [UInt8]) throws(InterchangeError) {
    guard json.count <= SafetensorsFile.headerLimit else {
      throw .tooLarge(
        part: "the index", found: "\(json.count) bytes", limit: SafetensorsFile.headerLimit)
    }
    let root = try JSONValue(header: json, part: "the index")
    guard let map = root.objectValue?["weight_map"]?.objectValue, !map.members.isEmpty else {
      throw .malformed(
        part: "'weight_map'", found: "missing or empty", expected: "an object from tensors to files"
      )
    }
    var entries: [Entry] = []
    for member in map.members {
      guard let file = member.value.stringValue, SafetensorsIndex.isPlainName(file) else {
        throw .malformed(
          part: "'weight_map' entry '\(foreign: member.key)'",
          found: member.value.stringValue.map { "'\($0.prefix(60))'" } ?? member.value.kind,
          expected: "the plain name of a file beside the index")
      }
      entries.append(Entry(tensor: member.key, file: file))
    }
    self.entries = entries
  }

  /// The names of all files, sorted, each once.
  public var files: [String] { Set(entries.map(\.file)).sorted() }

  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".."
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == 0 }
  }
}
