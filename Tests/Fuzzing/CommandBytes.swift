/// Bytes that are read as commands; after their end everything is zero.
struct CommandBytes {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place >= bytes.count }

  /// The next byte, below `limit`.
  mutating func next(below limit: Int = 256) -> Int {
    defer { place += 1 }
    return isAtEnd ? 0 : Int(bytes[place]) % limit
  }

  /// A number of two bytes, below `limit`.
  mutating func wide(below limit: Int) -> Int {
    (next() << 8 | next()) % limit
  }

  /// One of `values`.
  mutating func pick<Value>(_ values: [Value]) -> Value { values[next(below: values.count)] }
}
