/// What a file holds, told by its first bytes.
public enum FileContent: String, Sendable, CaseIterable {
  /// Text in UTF-8, or bytes that look like no other kind.
  case text
  case gzip
  case zstandard
  case bzip2
  case xz
  case lz4
  case zip
  case sevenZip = "7z"
  case tar
  case parquet
  case arrow
  case avro
  case safetensors
  case npy
  case gguf
  case pdf
  case sqlite
  case hdf5
  case store
  case pointer = "git-lfs-pointer"
  /// A JSON array that begins with an object: records, not prose.
  case jsonArray = "json-array"
  case utf16 = "utf-16"
  case utf32 = "utf-32"
  /// A zero byte near the start.
  case binary

  /// The bytes that are looked at.
  static let startBytes = 8192

  /// The kind of a file that begins with `start`.
  init(start: [UInt8]) {
    self =
      Self.marks.first { start.starts(with: $0.mark) }?.content ?? Self.structured(start)
      ?? Self.unmarked(start)
  }

  /// What the file is, in words.
  var name: String {
    switch self {
    case .text: "text"
    case .gzip, .zstandard, .bzip2, .xz, .lz4: "compressed by \(rawValue)"
    case .zip, .sevenZip, .tar: "a \(rawValue) archive"
    case .parquet, .arrow, .avro: "a table (\(rawValue))"
    case .safetensors: "tensors (safetensors)"
    case .npy: "a NumPy array"
    case .gguf: "a model (GGUF)"
    case .pdf: "a PDF document"
    case .sqlite, .hdf5: "a database (\(rawValue))"
    case .store: "a store of reflux"
    case .pointer: "a Git LFS pointer in place of a file"
    case .jsonArray: "a JSON array of objects"
    case .utf16: "text in UTF-16"
    case .utf32: "text in UTF-32"
    case .binary: "no text: it has zero bytes"
    }
  }

  /// What a user can do to have its text read.
  var advice: String {
    switch self {
    case .gzip: "unpack it first (gzip -dk)"
    case .zstandard: "unpack it first (zstd -d)"
    case .bzip2: "unpack it first (bzip2 -dk)"
    case .xz: "unpack it first (xz -dk)"
    case .lz4: "unpack it first (lz4 -d)"
    case .zip, .sevenZip, .tar: "unpack it first and name the folder"
    case .parquet, .arrow, .avro, .sqlite, .hdf5: "write its texts as JSON lines and name that file"
    case .jsonArray: "write one object a line (jq -c '.[]') and name that file"
    case .npy: "import the array instead of tokenizing it"
    case .utf16: "convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"
    case .utf32: "convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"
    case .pointer: "fetch the file (git lfs pull)"
    case .text, .safetensors, .gguf, .pdf, .store, .binary: "name text or JSON lines"
    }
  }

  private static let marks: [(mark: [UInt8], content: FileContent)] = [
    ([0x1F, 0x8B], .gzip), ([0x28, 0xB5, 0x2F, 0xFD], .zstandard),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .xz), ([0x04, 0x22, 0x4D, 0x18], .lz4),
    (Array("PK".utf8) + [3, 4], .zip), (Array("PK".utf8) + [5, 6], .zip),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .sevenZip), (Array("ARROW1".utf8), .arrow),
    (Array("Obj".utf8) + [1], .avro), ([0x93] + Array("NUMPY".utf8), .npy),
    (Array("%PDF-".utf8), .pdf), (Array("SQLite format 3".utf8) + [0], .sqlite),
    ([0x89] + Array("HDF".utf8), .hdf5), ([0x89] + Array("RFX".utf8), .store),
    (Array("version https://git-lfs.github.com/spec/".utf8), .pointer),
    ([0xFF, 0xFE, 0, 0], .utf32), ([0, 0, 0xFE, 0xFF], .utf32), ([0xFF, 0xFE], .utf16),
    ([0xFE, 0xFF], .utf16),
  ]

  /// Kinds whose mark alone could begin a text.
  private static func structured(_ start: [UInt8]) -> FileContent? {
    let hasZeros = start.contains(0)
    if start.starts(with: Array("BZh".utf8)), start.dropFirst(4).starts(with: [0x31, 0x41, 0x59]) {
      return .bzip2
    }
    if hasZeros, start.starts(with: Array("PAR1".utf8)) { return .parquet }
    if hasZeros, start.starts(with: Array("GGUF".utf8)) { return .gguf }
    if start.count > 262, start[257..<262].elementsEqual("ustar".utf8) { return .tar }
    // The length of the header in eight bytes, then the header.
    if start.count > 9, start[8] == UInt8(ascii: "{"), start[5..<8].allSatisfy({ $0 == 0 }) {
      return .safetensors
    }
    return nil
  }

  /// Whether the first that is not space is `[{"`.
  private static func isArrayOfObjects(_ start: [UInt8]) -> Bool {
    let rest = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start[3...] : start[...]
    return rest.lazy.filter { $0 > 0x20 }.prefix(3).elementsEqual(#"[{""#.utf8)
  }

  /// UTF-16 and UTF-32 without a mark have their zeros in every second or in three of four places.
  private static func unmarked(_ start: [UInt8]) -> FileContent {
    if !start.contains(0) { return isArrayOfObjects(start) ? .jsonArray : .text }
    var zeros = [0, 0, 0, 0]
    for (index, byte) in start.enumerated() where byte == 0 { zeros[index % 4] += 1 }
    let quarter = start.count / 4
    guard quarter >= 4 else { return .binary }
    let (full, none) = (zeros.filter { $0 * 2 > quarter }.count, zeros.filter { $0 == 0 }.count)
    if full >= 2, none == 1, zeros[0] == 0 || zeros[3] == 0 { return .utf32 }
    if full == 2, none == 2, zeros[0] == zeros[2] || zeros[1] == zeros[3] { return .utf16 }
    return .binary
  }
}
