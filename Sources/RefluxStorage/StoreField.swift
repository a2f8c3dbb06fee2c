/// One field of the record schema (SPEC.md, section 3.2).
public struct StoreField: Equatable, Sendable {
  /// At most eight ASCII letters.
  public let name: String
  /// Bytes per element: 1 to 4.
  public let width: Int
  /// Whether the elements are IEEE floats rather than unsigned integers.
  public let isFloat: Bool
  /// Elements per record.
  public let count: Int

  /// Bytes per record.
  public var bytes: Int { width * count }
}
