internal import RefluxBytes

extension SafetensorsTensor {
  /// Reads some of the elements as single-precision numbers.
  ///
  /// F32, BF16 and F16 are exact, F64 is rounded to nearest.
  ///
  /// - Parameters:
  ///   - range: Which elements, row-major over all axes.
  ///   - file: The bytes of the whole file.
  ///   - floats: Where they go; at least `range.count` long.
  /// - Throws: `InterchangeError.unsupported` for any other element type.
  /// - Precondition: `range` is within the tensor, `file` is the file of this tensor.
  public func readFloats(
    _ range: Range<Int>, from file: RawSpan, into floats: inout MutableSpan<Float>
  ) throws(InterchangeError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "elements out of the tensor")
    precondition(file.byteCount >= bytes.upperBound, "bytes of another file")
    precondition(floats.count >= range.count, "too little room for the numbers")
    let width = type.bitWidth / 8
    let start = bytes.lowerBound + range.lowerBound * width
    let number: (RawSpan, Int) -> Float
    switch type {
    case .f32: number = { Float(bitPattern: $0.littleEndianUInt32(at: $1)) }
    case .bf16: number = { Float(bitPattern: UInt32($0.littleEndianUInt16(at: $1)) << 16) }
    case .f16: number = { SafetensorsTensor.float(halfBits: $0.littleEndianUInt16(at: $1)) }
    case .f64: number = { Float(Double(bitPattern: $0.littleEndianUInt64(at: $1))) }
    default:
      throw .unsupported(
        part: "the dtype of tensor '\(foreign: name)'", found: "'\(type.rawValue)'",
        supported: "F32, BF16, F16, F64")
    }
    for place in 0..<range.count { floats[place] = number(file, start + place * width) }
  }

  /// All elements as single-precision numbers; see ``readFloats(_:from:into:)``.
  public func floats(from file: RawSpan) throws(InterchangeError) -> [Float] {
    var floats = [Float](repeating: 0, count: count)
    var span = floats.mutableSpan
    try readFloats(0..<count, from: file, into: &span)
    return floats
  }

  /// The value of an IEEE half-precision number; exact, the payload of a NaN included.
  static func float(halfBits bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF) << 13
    switch bits & 0x7C00 {
    case 0x7C00: return Float(bitPattern: sign | magnitude | 0x7F80_0000)
    // A subnormal is its fraction in units of 2^-24.
    case 0: return Float(bitPattern: sign | (Float(bits & 0x3FF) * 0x1p-24).bitPattern)
    default: return Float(bitPattern: sign | magnitude + (127 - 15) << 23)
    }
  }
}

extension SafetensorsFile {
  /// The tensor of this name, whose elements are F16, BF16, F32 or F64.
  ///
  /// - Throws: `InterchangeError.missingNumbers`, or `unsupported` for another element type.
  public func numbers(named name: String) throws(InterchangeError) -> SafetensorsTensor {
    if !hasTensor(named: name) {
      throw .missingNumbers(name: name, found: tensors.prefix(8).map(\.name))
    }
    let tensor = try tensor(named: name)
    guard [.f16, .bf16, .f32, .f64].contains(tensor.type) else {
      throw .unsupported(
        part: "the dtype of tensor '\(foreign: name)'", found: "'\(tensor.type.rawValue)'",
        supported: "F16, BF16, F32, F64")
    }
    return tensor
  }
}
