/// A string of JSON without its escapes, as UTF-8; U+FFFD stands for what is none.
struct JSONText {
  private(set) var bytes: [UInt8] = []
  /// Whether there were lone surrogates or bytes that are no UTF-8.
  private(set) var isRepaired = false
  /// A first surrogate whose second has not come yet.
  private var pending: UInt16?

  private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  mutating func append(_ plain: Span<UInt8>) {
    if plain.isEmpty { return }
    dropPending()
    for index in plain.indices { bytes.append(plain[index]) }
  }

  mutating func append(_ byte: UInt8) {
    dropPending()
    bytes.append(byte)
  }

  /// Appends a unit of UTF-16, as escapes have them.
  mutating func append(unit: UInt16) {
    if let first = pending, UTF16.isTrailSurrogate(unit) {
      pending = nil
      let code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(unit) - 0xDC00)
      return append(scalar: code)
    }
    dropPending()
    if UTF16.isLeadSurrogate(unit) {
      pending = unit
    } else {
      append(scalar: UInt32(unit))
    }
  }

  mutating func finish() {
    dropPending()
    if String(validating: bytes, as: UTF8.self) != nil { return }
    bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
    isRepaired = true
  }

  private mutating func append(scalar code: UInt32) {
    guard let scalar = Unicode.Scalar(code) else {
      bytes += Self.replacement
      isRepaired = true
      return
    }
    bytes += Array(String(Character(scalar)).utf8)
  }

  private mutating func dropPending() {
    if pending == nil { return }
    pending = nil
    bytes += Self.replacement
    isRepaired = true
  }
}
