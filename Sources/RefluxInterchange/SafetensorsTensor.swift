internal import RefluxBytes

/// One tensor of a safetensors file: its name, type and shape, and where its bytes are.
public struct SafetensorsTensor: Equatable, Sendable {
  /// The header's key, unique in its file.
  public let name: String
  /// The number format of every element.
  public let type: TensorType
  /// The length of each axis, outermost first (row-major); empty for a single number.
  public let shape: [Int]
  /// The tensor's bytes, counted from the start of the file.
  public let bytes: Range<Int>

  /// The number of elements.
  public var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }
}

/// A tensor to be laid out in a file: its name, type and shape.
public struct TensorDescription: Equatable, Sendable {
  /// The key in the header; no two tensors of a file may share one.
  public var name: String
  /// The number format of every element, which decides the bytes it takes.
  public var type: TensorType
  /// The length of each axis, outermost first (row-major); empty for a single number.
  public var shape: [Int]

  /// Describes a tensor; its place follows from its neighbours when the file is laid out.
  public init(name: String, type: TensorType, shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }
}

extension SafetensorsTensor {
  /// Reads some of the elements as integers.
  ///
  /// - Parameters:
  ///   - range: Which elements, row-major over all axes.
  ///   - file: The bytes of the whole file.
  /// - Throws: `InterchangeError.unsupported` for any type but I64, I32, I16, I8, U32, U16 and U8.
  /// - Precondition: `range` is within the tensor, `file` is the file of this tensor.
  public func integers(
    _ range: Range<Int>, from file: RawSpan
  ) throws(InterchangeError) -> [Int] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "elements out of the tensor")
    precondition(file.byteCount >= bytes.upperBound, "bytes of another file")
    let width = type.bitWidth / 8
    let start = bytes.lowerBound
    let number: (RawSpan, Int) -> Int
    switch type {
    case .i64: number = { Int(Int64(bitPattern: $0.littleEndianUInt64(at: $1))) }
    case .i32: number = { Int(Int32(bitPattern: $0.littleEndianUInt32(at: $1))) }
    case .i16: number = { Int(Int16(bitPattern: $0.littleEndianUInt16(at: $1))) }
    case .i8: number = { Int(Int8(bitPattern: $0.byte(at: $1))) }
    case .u32: number = { Int($0.littleEndianUInt32(at: $1)) }
    case .u16: number = { Int($0.littleEndianUInt16(at: $1)) }
    case .u8: number = { Int($0.byte(at: $1)) }
    default:
      throw .unsupported(
        part: "the dtype of tensor '\(foreign: name)'", found: "'\(type.rawValue)'",
        supported: "I64, I32, I16, I8, U32, U16, U8")
    }
    var integers: [Int] = []
    integers.reserveCapacity(range.count)
    for index in range { integers.append(number(file, start + index * width)) }
    return integers
  }
}
