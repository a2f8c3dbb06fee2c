internal import RefluxBytes

/// A NumPy `.npy` file of floating-point numbers: what its header says, and where its elements are.
///
/// Like ``NPYArray``, the value holds no elements. Elements are little-endian and in C order.
public struct NPYFloats: Equatable, Sendable {
  /// `f16`, `f32` or `f64`.
  public let type: TensorType
  /// The length of each axis, outermost first; empty for a single number.
  public let shape: [Int]
  /// Where the elements are, in bytes from the start of the file.
  public let payload: Range<Int>

  /// Reads and checks the header of a file.
  ///
  /// - Parameter bytes: The whole file, elements included.
  /// - Throws: `InterchangeError` where the header is not a NumPy header, the elements are not
  ///   floating-point numbers or in Fortran order over several axes, or the file's length is not
  ///   what the shape asks for.
  /// - Complexity: Linear in the header alone.
  public init(parsing bytes: RawSpan) throws(InterchangeError) {
    let header = try NPYArray.header(of: bytes)
    guard let type = Self.types[header.descriptor] else {
      throw .unsupported(
        part: "the array's element type", found: "'\(header.descriptor.prefix(20))'",
        supported: "floats <f2, <f4, <f8; bfloat16 in a safetensors file")
    }
    payload = try NPYArray.payload(of: header, width: type.bitWidth / 8, bytes)
    (self.type, shape) = (type, header.shape)
  }

  /// The types by what NumPy calls them.
  static let types: [String: TensorType] = ["<f2": .f16, "<f4": .f32, "<f8": .f64]

  /// Whether a file starts as `.npy` files do.
  public static func isArray(_ bytes: RawSpan) -> Bool { NPYArray.startsAsArray(bytes) }
}
