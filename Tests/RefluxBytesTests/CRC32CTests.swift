import RefluxBytes
import Testing

/// Against the published vectors and the definition, bit by bit.
@Suite struct CRC32CTests {
  /// Vectors of RFC 3720, appendix B.4, and the check value of the algorithm's catalogue.
  static let vectors: [(bytes: [UInt8], expected: UInt32)] = [
    (Array("123456789".utf8), 0xE306_9283), ([], 0),
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 255, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
    (Array((0..<32).reversed()), 0x113F_DB5C),
  ]

  @Test func givesThePublishedValues() {
    for (bytes, expected) in Self.vectors { #expect(CRC32C.hash(bytes.rawSpan) == expected) }
  }

  /// Division of polynomials by the book.
  private func byTheBook(_ bytes: [UInt8]) -> UInt32 {
    var rest = UInt32.max
    for byte in bytes {
      for bit in 0..<8 {
        let low = (rest ^ UInt32(byte >> bit)) & 1
        rest = rest >> 1 ^ (low == 1 ? 0x82F6_3B78 : 0)
      }
    }
    return ~rest
  }

  @Test func agreesWithTheDefinitionAtEveryLength() {
    let bytes = (0..<67).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
    for length in 0...bytes.count {
      let part = Array(bytes[..<length])
      #expect(CRC32C.hash(part.rawSpan) == byTheBook(part))
    }
  }
}
