import RefluxMemory
import Testing

/// Numbers of other formats at any address.
struct ForeignNumberTests {
  private let arena = Arena()

  /// All 65,536 of them, against the language's own conversion.
  @Test(arguments: [0, 1])
  func halvesAreExact(offset: Int) {
    let view: View<Float> = arena.take(1 << 16)
    let bytes =
      [UInt8](repeating: 0, count: offset)
      + (0..<1 << 16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let span = bytes.span
    let raw = span.bytes
    view.copyHalves(from: raw.extracting(offset..<bytes.count))
    for index in 0..<1 << 16 {
      let expected = Float(Float16(bitPattern: UInt16(index)))
      #expect(view[index] == expected || view[index].isNaN && expected.isNaN, "\(index)")
    }
  }

  @Test func doublesAreRounded() {
    let values: [Double] = [
      0, -0.0, 1.0 / 3, 1e300, -1e300, .infinity, .nan, 0x1p-149, 1e-60,
    ]
    let view: View<Float> = arena.take(values.count)
    var bytes: [UInt8] = [7]
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
    }
    let span = bytes.span
    let raw = span.bytes
    view.copyDoubles(from: raw.extracting(1..<bytes.count))
    for (index, value) in values.enumerated() {
      #expect(view[index] == Float(value) || value.isNaN && view[index].isNaN, "\(value)")
    }
  }
}
