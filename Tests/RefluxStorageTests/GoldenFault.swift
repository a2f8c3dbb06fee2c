import RefluxFiles
import TestSupport

/// One way to break a valid golden file; checksums are mended so that the fault itself is found.
struct GoldenFault: Sendable {
  /// The name of the invalid file or folder.
  let name: String
  /// The valid file it is made from.
  let source: String
  /// The error by name, as reference.py prints it.
  let error: String
  private let change: @Sendable (inout [String: StoreForge]) -> Void
  /// The only file of a store that is no folder.
  private static let only = ""

  /// A fault in a store of one file.
  init(
    _ name: String, _ source: String, _ error: String,
    _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) {
    self.name = name + ".rfx"
    self.source = source
    self.error = error
    self.change = { change(&$0[Self.only]!) }
  }

  /// A fault in a folder.
  init(
    folder name: String, _ source: String, _ error: String,
    _ change: @escaping @Sendable (inout [String: StoreForge]) -> Void
  ) {
    self.name = name
    self.source = source
    self.error = error
    self.change = change
  }

  static let all =
    start + numbers + fields + texts + targets + dictionary + blocks + records + packed + end
    + folders

  /// Whether it is a fault of a folder.
  var isFolder: Bool { !name.hasSuffix(".rfx") }

  /// Writes the broken store.
  func write() throws {
    let target = GoldenStores.path(invalid: name)
    let valid = GoldenStores.path(valid: source)
    guard isFolder else {
      var files = [Self.only: StoreForge(try FileSystem.readFile(path: valid))]
      change(&files)
      return try FileSystem.writeFile(path: target, bytes: files[Self.only]!.bytes)
    }
    try FileSystem.createDirectory(path: target)
    for path in try FileSystem.listFiles(path: target) { try FileSystem.remove(path: path) }
    var files: [String: StoreForge] = [:]
    for path in try FileSystem.listFiles(path: valid) {
      files[FileSystem.name(of: path)] = StoreForge(try FileSystem.readFile(path: path))
    }
    change(&files)
    for (name, forge) in files {
      try FileSystem.writeFile(path: target + "/" + name, bytes: forge.bytes)
    }
  }

  static let start = [
    GoldenFault("empty", "tokens-empty", "empty") { $0.bytes = [] },
    GoldenFault("text", "tokens-empty", "not_a_store") {
      $0.bytes = Array("Once upon a time there was a file.\n".utf8)
    },
    GoldenFault("crlf-became-lf", "tokens-1-byte", "converted_line_ends") {
      $0.bytes.remove(at: 4)
    },
    GoldenFault("lf-became-crlf", "tokens-1-byte", "converted_line_ends") {
      $0.bytes.insert(0x0D, at: 4)
    },
    GoldenFault("eighth-bits-lost", "tokens-1-byte", "converted_line_ends") {
      for index in $0.bytes.indices { $0.bytes[index] &= 0x7F }
    },
    GoldenFault("cut-in-magic", "tokens-1-byte", "damaged_header") {
      $0.bytes.removeSubrange(5...)
    },
    GoldenFault("cut-in-header", "tokens-1-byte", "damaged_header") {
      $0.bytes.removeSubrange(130...)
    },
    GoldenFault("version-2", "tokens-1-byte", "unsupported_version") {
      $0.set(2, at: 8, width: 2)
      $0.fixHeader()
    },
    GoldenFault("feature-bit", "tokens-1-byte", "unsupported_features") {
      $0.set(4, at: 48, width: 4)
      $0.fixHeader()
    },
  ]
}
