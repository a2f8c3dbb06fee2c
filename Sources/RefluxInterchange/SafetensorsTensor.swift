/// One tensor of a safetensors file: its name, type and shape, and where its bytes are.
public struct SafetensorsTensor: Equatable, Sendable {
  public let name: String
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
  public var name: String
  public var type: TensorType
  public var shape: [Int]

  public init(name: String, type: TensorType, shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }
}
