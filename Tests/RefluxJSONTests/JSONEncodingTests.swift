import RefluxJSON
import Testing

@Suite struct JSONEncodingTests {
  private let value: JSONValue = .object([
    "list": .array([.integer(-1), .number(0.1), .bool(true), .null]),
    "text": .string("\"\\\n\u{1}é😀/"),
    "empty": .array([]),
    "nothing": .object([:]),
  ])

  @Test func writesWithoutSpaces() {
    let text = String(decoding: value.encoded(), as: UTF8.self)
    #expect(
      text == #"{"list":[-1,0.1,true,null],"text":"\"\\\n\u0001é😀/","empty":[],"nothing":{}}"#)
  }

  @Test func writesIndentedAsOthersDo() {
    let text = String(decoding: value.encoded(indented: true), as: UTF8.self)
    #expect(
      text == #"""
        {
          "list": [
            -1,
            0.1,
            true,
            null
          ],
          "text": "\"\\\n\u0001é😀/",
          "empty": [],
          "nothing": {}
        }
        """#)
  }

  @Test(arguments: [true, false])
  func readsBackWhatItWrote(indented: Bool) throws {
    #expect(try JSONValue(parsing: value.encoded(indented: indented)) == value)
  }

  @Test(arguments: [0.1, 1e300, -Double.leastNonzeroMagnitude, 1.0, 123456789.125])
  func doublesReadBackExactly(_ number: Double) throws {
    let read = try JSONValue(parsing: JSONValue.number(number).encoded())
    #expect(read.doubleValue == number)
  }
}
