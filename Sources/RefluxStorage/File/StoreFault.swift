internal import RefluxBytes

/// What was found wrong in one part of a file.
public enum StoreFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes are not the ones that were written.
  case checksum(expected: UInt64, found: UInt64)
  /// A field has a value that the rest of the file rules out.
  case field(String, expected: String, found: String)
  /// The part does not fit into the file.
  case cut(needed: Int, available: Int)
  /// The LZ4 data do not decode to the stated number of bytes.
  case compression(expected: Int)
  /// Packed or plain sets say something impossible.
  case packing(String)
  /// Another process shortened the file while it was being read.
  case vanished
  /// The sets of a block were made from other tokens.
  case otherTokens(expected: UInt64, found: UInt64)
  /// A record breaks a rule of its kind.
  case record(Int, RecordFault)

  public var description: String {
    switch self {
    case .checksum(let expected, let found):
      "checksum mismatch (expected \(hexadecimal(expected)), found \(hexadecimal(found)))"
    case .field(let name, let expected, let found):
      "\(name) is \(foreign: found), expected \(expected)"
    case .cut(let needed, let available):
      "\(needed) bytes are needed, \(available) are there"
    case .compression(let expected):
      "LZ4 data do not decode to \(expected) bytes"
    case .packing(let what): "impossible sets: \(what)"
    case .vanished: "another process shortened the file while it was being read"
    case .otherTokens(let expected, let found):
      "its sets belong to other tokens (expected \(hexadecimal(expected)), found "
        + "\(hexadecimal(found)))"
    case .record(let record, let fault):
      "record \(record): \(fault)"
    }
  }
}
