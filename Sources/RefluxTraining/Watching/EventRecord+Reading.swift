internal import RefluxBytes

extension EventRecord {
  /// The bytes of an event file's whole records up to those of `step`; 0 for a file that does not
  /// begin as one of ours. What follows a damaged record does not count.
  static func kept(_ file: RawSpan, through step: Int) -> Int {
    var end = 0
    while let (found, next) = record(file, at: end), found ?? 0 <= step { end = next }
    return end
  }

  /// The step of the record at `start` (nil where it names none) and where the next one begins;
  /// nil where no whole record stands there.
  private static func record(_ file: RawSpan, at start: Int) -> (step: Int?, next: Int)? {
    guard file.byteCount - start > overhead else { return nil }
    let header = file.extracting(start..<start + 8)
    guard file.littleEndianUInt32(at: start + 8) == checksum(header),
      let length = Int(exactly: header.littleEndianUInt64(at: 0)),
      length <= file.byteCount - start - overhead
    else { return nil }
    let event = file.extracting(start + 12..<start + 12 + length)
    guard file.littleEndianUInt32(at: start + 12 + length) == checksum(event) else { return nil }
    return (step(of: event), start + overhead + length)
  }

  /// The step of an event as this module writes it: after the wall time.
  private static func step(of event: RawSpan) -> Int? {
    guard event.byteCount > 10, event.byte(at: 9) == 2 << 3 else { return nil }
    var (value, shift, offset) = (UInt64(0), UInt64(0), 10)
    while offset < event.byteCount, shift < 63 {
      let byte = event.byte(at: offset)
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return Int(value) }
      shift += 7
      offset += 1
    }
    return nil
  }
}
