/// The letters by which GPT-2's files spell bytes: every byte is one printable character.
///
/// The 188 printable bytes of Latin-1 stand for themselves; the other 68 take U+0100 onwards in
/// ascending order.
enum ByteAlphabet {
  /// The scalar that spells each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { next += 1 }
        return Unicode.Scalar(next) ?? Unicode.Scalar(byte)
      }
    }
  }()

  /// The bytes in the order of the scalars that spell them; the order of ids in GPT-2's vocabulary.
  static let bytesByScalar: [UInt8] = (UInt8.min...UInt8.max).sorted {
    scalars[Int($0)] < scalars[Int($1)]
  }

  /// The byte of each scalar below U+0144, or nil.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = UInt8(byte) }
    return bytes
  }()

  /// How the alphabet spells `bytes`.
  static func spell(_ bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(scalars[Int(byte)]) }
    return String(text)
  }

  /// The bytes that `text` spells, or nil where it has a character outside the alphabet.
  static func bytes(of text: String) -> [UInt8]? {
    var spelled: [UInt8] = []
    spelled.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard scalar.value < 0x144, let byte = bytes[Int(scalar.value)] else { return nil }
      spelled.append(byte)
    }
    return spelled
  }
}
