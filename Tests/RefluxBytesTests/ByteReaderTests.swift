import RefluxBytes
import Testing

@Suite struct ByteReaderTests {
  @Test func readsBackWhatWasWritten() throws {
    var writer = ByteWriter(capacity: 64)
    writer.write(UInt8(0xAB))
    writer.write(UInt16(0x1234))
    writer.write(UInt32(0x1234_5678))
    writer.write(UInt64(0x1234_5678_9ABC_DEF0))
    writer.write(Float(-1.5))
    writer.write(Double.pi)
    writer.write("grüße")
    writer.pad(toMultipleOf: 8)
    #expect(writer.count == 40)

    let bytes = writer.bytes
    var reader = ByteReader(bytes.span.bytes)
    #expect(try reader.readUInt8() == 0xAB)
    #expect(try reader.readUInt16() == 0x1234)
    #expect(try reader.readUInt32() == 0x1234_5678)
    #expect(try reader.readUInt64() == 0x1234_5678_9ABC_DEF0)
    #expect(try reader.readFloat() == -1.5)
    #expect(try reader.readDouble() == .pi)
    #expect(try reader.readText(7) == "grüße")
    try reader.skip(reader.remaining)
    #expect(reader.remaining == 0)
  }

  @Test func writesTheLowestByteFirst() {
    var writer = ByteWriter()
    writer.write(UInt32(0x0403_0201))
    #expect(writer.bytes == [1, 2, 3, 4])
  }

  @Test func refusesToPassTheEndAndStaysWhereItWas() throws {
    let bytes: [UInt8] = [1, 2, 3]
    var reader = ByteReader(bytes.span.bytes)
    let expected = ByteError.endOfInput(offset: 0, needed: 4, available: 3)
    #expect(throws: expected) { try reader.readUInt32() }
    #expect(reader.offset == 0)
    #expect(try reader.readUInt16() == 0x0201)
    #expect(throws: ByteError.endOfInput(offset: 2, needed: Int.max, available: 1)) {
      try reader.skip(.max)
    }
    #expect(throws: ByteError.endOfInput(offset: 2, needed: -1, available: 1)) {
      try reader.skip(-1)
    }
    #expect(try reader.readUInt8() == 3)
    #expect(throws: ByteError.self) { try reader.readUInt8() }
  }

  @Test func refusesBrokenText() throws {
    let bytes: [UInt8] = [0x61, 0xFF, 0x62]
    var reader = ByteReader(bytes.span.bytes)
    #expect(throws: ByteError.notText(offset: 0, length: 3)) { try reader.readText(3) }
    #expect(reader.offset == 0)
  }
}
