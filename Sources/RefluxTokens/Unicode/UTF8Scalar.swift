/// Decodes single scalars of UTF-8.
enum UTF8Scalar {
  /// The scalar of two to four bytes that starts at `index`, or nil where none does: a continuation
  /// byte, an overlong form, a surrogate, a value beyond U+10FFFF, or an end too early.
  static func decode(at index: Int, in bytes: Span<UInt8>) -> (scalar: Int, length: Int)? {
    let first = Int(bytes[index])
    let length: Int
    var scalar: Int
    switch first {
    case 0xC2...0xDF: (length, scalar) = (2, first & 0x1F)
    case 0xE0...0xEF: (length, scalar) = (3, first & 0x0F)
    case 0xF0...0xF4: (length, scalar) = (4, first & 0x07)
    default: return nil
    }
    guard bytes.count - index >= length else { return nil }
    for offset in 1..<length {
      let byte = Int(bytes[index + offset])
      guard byte & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | byte & 0x3F
    }
    let isValid =
      switch length {
      case 2: true
      case 3: scalar >= 0x800 && !(0xD800..<0xE000).contains(scalar)
      default: (0x10000..<0x110000).contains(scalar)
      }
    return isValid ? (scalar, length) : nil
  }

  /// The scalar of one to four bytes that starts at `index`; nil at the end and where none does.
  static func next(at index: Int, in bytes: Span<UInt8>) -> (scalar: Int, length: Int)? {
    guard index < bytes.count else { return nil }
    if bytes[index] < 0x80 { return (Int(bytes[index]), 1) }
    return decode(at: index, in: bytes)
  }

  /// The scalar that ends before `index`; nil at the start and where none does.
  static func last(before index: Int, in bytes: Span<UInt8>) -> (scalar: Int, length: Int)? {
    var start = index - 1
    while start > 0, index - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    guard start >= 0, let found = next(at: start, in: bytes), start + found.length == index
    else { return nil }
    return found
  }
}
