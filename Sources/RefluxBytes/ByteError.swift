/// What can be wrong with bytes that are read field by field.
public enum ByteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes end inside a field of `needed` bytes that starts at `offset`.
  case endOfInput(offset: Int, needed: Int, available: Int)
  /// The text of `length` bytes at `offset` is not valid UTF-8.
  case notText(offset: Int, length: Int)

  public var description: String {
    switch self {
    case .endOfInput(let offset, let needed, let available):
      "the bytes end at offset \(offset + available): a field of \(needed) bytes starts at "
        + "\(offset)"
    case .notText(let offset, let length):
      "the \(length) bytes at offset \(offset) are not valid UTF-8"
    }
  }
}
