internal import RefluxBytes

extension NPYArray {
  /// The smallest type that holds every id of a vocabulary: two bytes up to 65,536 tokens, then
  /// four.
  public static func elementType(forVocabulary size: Int) -> NPYElementType {
    size <= 1 << 16 ? .uint16 : .uint32
  }

  /// The bytes before the elements of a one-dimensional array in version 1.0, as NumPy writes them;
  /// the elements follow at once, and start at a multiple of 64 bytes.
  public static func header(count: Int, elementType: NPYElementType) -> [UInt8] {
    header(shape: [count], elementType: elementType)
  }

  /// The same for an array of any shape.
  public static func header(shape: [Int], elementType: NPYElementType) -> [UInt8] {
    start(descriptor: elementType.descriptor, shape: shape)
  }

  static func start(descriptor: String, shape: [Int]) -> [UInt8] {
    precondition(shape.allSatisfy { $0 >= 0 }, "an axis has no negative length")
    // Python's tuple of one has a comma.
    let shape =
      "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
    let dictionary = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(shape), }"
    let unpadded = 10 + dictionary.utf8.count + 1
    let padding = (64 - unpadded % 64) % 64
    var writer = ByteWriter(capacity: unpadded + padding)
    for byte in magic + [1, 0] { writer.write(byte) }
    writer.write(UInt16(unpadded + padding - 10))
    writer.write(dictionary + String(repeating: " ", count: padding) + "\n")
    return writer.bytes
  }

  /// A whole `.npy` file of token ids.
  ///
  /// - Precondition: The type is one of the two.
  ///
  /// - Parameter elementType: `.uint16` or `.uint32`.
  /// - Throws: `InterchangeError.notAnID` for the first id that the type cannot hold.
  /// - Complexity: The file in memory; a long store is better written by its parts after
  ///   ``header(count:elementType:)``.
  public static func encode(
    ids: Span<UInt32>, elementType: NPYElementType
  ) throws(InterchangeError) -> [UInt8] {
    precondition(elementType == .uint16 || elementType == .uint32, "ids are written in u2 or u4")
    var writer = ByteWriter(capacity: 128 + ids.count * elementType.byteWidth)
    for byte in header(count: ids.count, elementType: elementType) { writer.write(byte) }
    for index in 0..<ids.count {
      if elementType == .uint32 {
        writer.write(ids[index])
      } else if let id = UInt16(exactly: ids[index]) {
        writer.write(id)
      } else {
        throw .notAnID(index: index, value: "\(ids[index])", vocabularySize: 1 << 16)
      }
    }
    return writer.bytes
  }
}
