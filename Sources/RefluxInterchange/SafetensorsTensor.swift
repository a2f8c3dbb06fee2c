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
