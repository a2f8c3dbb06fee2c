/// One field of the record schema (SPEC.md, section 3.2).
public struct StoreField: Equatable, Sendable {
  /// How the bytes of an element are to be read.
  public enum Element: UInt8, Sendable {
    /// An unsigned integer.
    case integer = 0
    /// An IEEE number of 2 or 4 bytes.
    case float = 1
    /// One byte on a logarithmic scale (SPEC.md, section 6.3).
    case logarithm = 2
  }

  /// At most eight ASCII letters.
  public let name: String
  /// Bytes per element: 1 to 4.
  public let width: Int
  /// How elements are read.
  public let element: Element
  /// Elements per record.
  public let count: Int

  /// Bytes per record.
  public var bytes: Int { width * count }
}
