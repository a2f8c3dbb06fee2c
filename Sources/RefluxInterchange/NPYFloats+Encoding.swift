internal import RefluxBytes

extension NPYFloats {
  /// A whole `.npy` file of double-precision numbers in rows, version 1.0, as NumPy writes it.
  ///
  /// - Precondition: all rows are of one length.
  /// - Complexity: the file in memory.
  public static func encode(rows: [[Double]]) -> [UInt8] {
    let width = rows.first?.count ?? 0
    let shape = "(\(rows.count), \(width))"
    var writer = ByteWriter(capacity: 192 + rows.count * width * 8)
    for byte in NPYArray.start(descriptor: "<f8", shape: shape) { writer.write(byte) }
    for row in rows {
      precondition(row.count == width, "rows of different lengths")
      for value in row { writer.write(value.bitPattern) }
    }
    return writer.bytes
  }
}
