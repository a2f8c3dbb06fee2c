import RefluxBytes

/// The head of a packed payload (SPEC.md, section 5.4).
struct PackedLayout {
  /// Step classes and count classes of the block.
  var stepClasses: Int
  var countClasses: Int
  /// Bits of a length.
  var lengthBits: Int
  /// Bytes of the four streams.
  var streams: InlineArray<4, Int> = .init(repeating: 0)

  init(stepClasses: Int, countClasses: Int, lengthBits: Int) {
    self.stepClasses = stepClasses
    self.countClasses = countClasses
    self.lengthBits = lengthBits
  }

  /// The head at the start of a payload of at least 20 bytes; nothing in it is checked.
  init(head: RawSpan) {
    self.init(
      stepClasses: Int(head.byte(at: 0)), countClasses: Int(head.byte(at: 1)),
      lengthBits: Int(head.byte(at: 2)))
    for stream in 0..<4 { streams[stream] = Int(head.littleEndianUInt32(at: 4 + 4 * stream)) }
  }

  static let headBytes = 20
  static let reservedBytes = 8
  static let leastBytes = headBytes + reservedBytes
  static let maximumStepClasses = 25
  static let maximumCountClasses = 16
  static let maximumLengthBits = 25

  var symbols: Int { stepClasses * countClasses }
  var codeBytes: Int { (symbols + 1) / 2 }
  var streamBytes: Int { streams[0] + streams[1] + streams[2] + streams[3] }

  func lengthBytes(records: Int) -> Int { (records * lengthBits + 7) / 8 }

  /// Where the streams start in the payload.
  func streamStart(records: Int) -> Int {
    Self.headBytes + codeBytes + lengthBytes(records: records)
  }

  /// The pairs of stream `number` among all `pairs` of the block.
  static func range(ofStream number: Int, pairs: Int) -> Range<Int> {
    let share = (pairs + 3) / 4
    return min(number * share, pairs)..<min((number + 1) * share, pairs)
  }
}

/// A positive number as its class, the logarithm to base 2 rounded down, and as many digits more.
enum DigitClass {
  @inline(__always)
  static func of(_ value: UInt32) -> Int { 31 - value.leadingZeroBitCount }
}
