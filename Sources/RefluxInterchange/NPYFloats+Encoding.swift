internal import RefluxBytes

extension NPYFloats {
  /// The bytes before the elements of an array of any shape, version 1.0, as NumPy writes them.
  ///
  /// - Parameter type: `f16`, `f32` or `f64`.
  public static func header(shape: [Int], type: TensorType) -> [UInt8] {
    guard let descriptor = types.first(where: { $0.value == type })?.key else {
      preconditionFailure("NumPy has no such type")
    }
    return NPYArray.start(descriptor: descriptor, shape: shape)
  }

  /// A whole `.npy` file of double-precision numbers in rows, version 1.0, as NumPy writes it.
  ///
  /// - Precondition: all rows are of one length.
  /// - Complexity: the file in memory.
  public static func encode(rows: [[Double]]) -> [UInt8] {
    let width = rows.first?.count ?? 0
    var writer = ByteWriter(capacity: 192 + rows.count * width * 8)
    for byte in header(shape: [rows.count, width], type: .f64) { writer.write(byte) }
    for row in rows {
      precondition(row.count == width, "rows of different lengths")
      for value in row { writer.write(value.bitPattern) }
    }
    return writer.bytes
  }
}
