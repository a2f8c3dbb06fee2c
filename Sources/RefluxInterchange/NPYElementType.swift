/// The integer types of `.npy` arrays: 1, 2, 4 or 8 bytes, signed or not, either byte order.
public struct NPYElementType: Equatable, Sendable {
  /// Bytes of one element: 1, 2, 4 or 8.
  public let byteWidth: Int
  public let isSigned: Bool
  public let isBigEndian: Bool

  /// Two bytes, unsigned, little-endian.
  public static let uint16 = NPYElementType(byteWidth: 2, isSigned: false, isBigEndian: false)
  /// Four bytes, unsigned, little-endian.
  public static let uint32 = NPYElementType(byteWidth: 4, isSigned: false, isBigEndian: false)

  init(byteWidth: Int, isSigned: Bool, isBigEndian: Bool) {
    self.byteWidth = byteWidth
    self.isSigned = isSigned
    self.isBigEndian = isBigEndian
  }

  /// The type that NumPy writes as `descriptor`, such as `<u2` or `|i1`; nil for any other type.
  public init?(descriptor: String) {
    let parts = Array(descriptor.utf8)
    guard parts.count == 3, let width = [0x31: 1, 0x32: 2, 0x34: 4, 0x38: 8][parts[2]] else {
      return nil
    }
    switch (parts[0], width) {
    case (UInt8(ascii: "<"), _), (UInt8(ascii: "|"), 1): isBigEndian = false
    case (UInt8(ascii: ">"), _): isBigEndian = true
    default: return nil
    }
    switch parts[1] {
    case UInt8(ascii: "u"): isSigned = false
    case UInt8(ascii: "i"): isSigned = true
    default: return nil
    }
    byteWidth = width
  }

  /// The type as NumPy writes it.
  public var descriptor: String {
    let order = byteWidth == 1 ? "|" : isBigEndian ? ">" : "<"
    return order + (isSigned ? "i" : "u") + String(byteWidth)
  }
}
