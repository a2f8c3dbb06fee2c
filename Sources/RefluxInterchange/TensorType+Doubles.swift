internal import RefluxBytes

extension TensorType {
  /// Elements as double-precision numbers, all of them exact.
  ///
  /// - Parameters:
  ///   - bytes: where they are, counted from the start of the file.
  ///   - file: the bytes of the whole file.
  /// - Throws: `InterchangeError.unsupported` for any type but F64, F32, F16 and BF16.
  /// - Precondition: `bytes` is within the file.
  public func doubles(
    at bytes: Range<Int>, of file: RawSpan
  ) throws(InterchangeError) -> [Double] {
    precondition(bytes.upperBound <= file.byteCount, "bytes of another file")
    let number: (RawSpan, Int) -> Double
    switch self {
    case .f64: number = { Double(bitPattern: $0.littleEndianUInt64(at: $1)) }
    case .f32: number = { Double(Float(bitPattern: $0.littleEndianUInt32(at: $1))) }
    case .bf16:
      number = { Double(Float(bitPattern: UInt32($0.littleEndianUInt16(at: $1)) << 16)) }
    case .f16:
      number = { Double(SafetensorsTensor.float(halfBits: $0.littleEndianUInt16(at: $1))) }
    default:
      throw .unsupported(
        part: "the type of the numbers", found: "'\(rawValue)'", supported: "F64, F32, F16, BF16")
    }
    var doubles: [Double] = []
    doubles.reserveCapacity(bytes.count / (bitWidth / 8))
    for offset in stride(from: bytes.lowerBound, to: bytes.upperBound, by: bitWidth / 8) {
      doubles.append(number(file, offset))
    }
    return doubles
  }
}
