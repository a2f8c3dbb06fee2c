/// CRC-32C (Castagnoli): the checksum of TFRecord files, iSCSI and ext4.
///
/// Polynomial 0x1EDC6F41, reflected, with all ones before and after.
/// Source: RFC 3720, appendix B.4.
///
/// - Complexity: a table of 1 KiB once; a lookup per byte.
public enum CRC32C {
  private static let polynomial: UInt32 = 0x82F6_3B78

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { rest, _ in
      rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1
    }
  }

  /// The checksum of `bytes`; 0 for none.
  public static func hash(_ bytes: RawSpan) -> UInt32 {
    let table = table
    var rest = UInt32.max
    for offset in 0..<bytes.byteCount {
      rest = rest >> 8 ^ table[Int(UInt8(truncatingIfNeeded: rest) ^ bytes.byte(at: offset))]
    }
    return ~rest
  }
}
