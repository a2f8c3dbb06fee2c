import RefluxBytes

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How weights stand in a column: 32-bit floats, 16-bit floats, or bytes on a logarithmic scale
/// (SPEC.md, sections 3.2 and 6.3). In memory they are the bit patterns of 32-bit floats.
struct WeightColumn {
  private let values: SampleValues
  /// Bytes per weight.
  let width: Int

  init(_ values: SampleValues) {
    self.values = values
    width = values.field(capacity: 1, rounds: 1).width
  }

  /// The weights of the bytes 0 to 255.
  static let logarithms: [Float] = (0..<256).map { byte in
    byte == 0 ? 0 : Float(exp2(Double(byte - 255) / 16))
  }

  /// The nearest weight that the column holds; nil where it is out of its range.
  func rounded(_ weight: Float) -> Float? {
    guard weight >= 0, weight.isFinite, weight.sign == .plus else { return nil }
    switch values {
    case .counts, .float32: return weight
    case .float16:
      let rounded = Float(Float16(weight))
      return rounded.isFinite ? rounded : nil
    case .logarithm8:
      return weight <= 1 ? Self.logarithms[Int(Self.byte(of: weight))] : nil
    }
  }

  private static func byte(of weight: Float) -> UInt8 {
    if weight < logarithms[1] / 2 { return 0 }
    let position = 255 + (16 * log2(Double(weight))).rounded()
    return UInt8(max(1, min(255, position)))
  }

  /// Writes weights, given by their bit patterns, to a column.
  func store(_ weights: [UInt32], count: Int? = nil, to target: inout BlockBuffer, at offset: Int) {
    let count = count ?? weights.count
    switch values {
    case .counts, .float32:
      target.store(weights.span.extracting(0..<count), width: 4, at: offset)
    case .float16:
      let halves = weights[..<count].map { UInt32(Float16(Float(bitPattern: $0)).bitPattern) }
      target.store(halves.span, width: 2, at: offset)
    case .logarithm8:
      let bytes = weights[..<count].map { UInt32(Self.byte(of: Float(bitPattern: $0))) }
      target.store(bytes.span, width: 1, at: offset)
    }
  }

  /// Reads the weights of all pairs of `block`.
  func load(_ column: RawSpan, into block: inout SampleBlock) {
    precondition(column.byteCount == width * block.pairs)
    for index in 0..<block.pairs {
      switch values {
      case .counts, .float32: block.values[index] = column.littleEndianUInt32(at: 4 * index)
      case .float16:
        let half = Float16(bitPattern: column.littleEndianUInt16(at: 2 * index))
        block.values[index] = Float(half).bitPattern
      case .logarithm8:
        block.values[index] = Self.logarithms[Int(column.byte(at: index))].bitPattern
      }
    }
  }
}
