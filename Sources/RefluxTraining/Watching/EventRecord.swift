internal import RefluxBytes

/// Records of a TensorBoard event file: protocol buffers in TFRecord frames.
///
/// A frame is the length (8 bytes), its checksum, the event, its checksum; numbers little-endian,
/// checksums CRC-32C, rotated and shifted so that sums over framed data stay useful. An event has
/// `wall_time` (field 1, double), `step` (2, varint), `file_version` (3, string) or `summary` (5),
/// whose values (1) have a `tag` (1, string) and a `simple_value` (2, float). Source: the published
/// event.proto, summary.proto and the TFRecord description of TensorFlow.
enum EventRecord {
  /// The first record of a file: the version that readers ask for.
  static func version(wallTime: Double) -> [UInt8] {
    var event = ByteWriter()
    event.write(key(1, .fixed64))
    event.write(wallTime)
    write(Array("brain.Event:2".utf8), as: 3, to: &event)
    return frame(event.bytes)
  }

  /// Figures of one step.
  static func scalars(
    _ figures: [(tag: String, value: Float)], step: Int, wallTime: Double
  ) -> [UInt8] {
    var summary = ByteWriter()
    for figure in figures {
      var value = ByteWriter()
      write(Array(figure.tag.utf8), as: 1, to: &value)
      value.write(key(2, .fixed32))
      value.write(figure.value)
      write(value.bytes, as: 1, to: &summary)
    }
    var event = ByteWriter()
    event.write(key(1, .fixed64))
    event.write(wallTime)
    event.write(key(2, .varint))
    event.write(varint(UInt64(step)))
    write(summary.bytes, as: 5, to: &event)
    return frame(event.bytes)
  }

  // MARK: Frames

  /// Bytes of a frame beside the event.
  static let overhead = 16

  private static func frame(_ event: [UInt8]) -> [UInt8] {
    var length = ByteWriter()
    length.write(UInt64(event.count))
    var record = ByteWriter(capacity: event.count + overhead)
    record.write(length.bytes)
    record.write(checksum(length.bytes.rawSpan))
    record.write(event)
    record.write(checksum(event.rawSpan))
    return record.bytes
  }

  /// The masked checksum of a TFRecord.
  static func checksum(_ bytes: RawSpan) -> UInt32 {
    let hash = CRC32C.hash(bytes)
    return (hash >> 15 | hash << 17) &+ 0xA282_EAD8
  }

  // MARK: Protocol buffers

  private enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
  }

  private static func key(_ field: UInt8, _ type: WireType) -> UInt8 { field << 3 | type.rawValue }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 128 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func write(_ bytes: [UInt8], as field: UInt8, to writer: inout ByteWriter) {
    writer.write(key(field, .bytes))
    writer.write(varint(UInt64(bytes.count)))
    writer.write(bytes)
  }
}
