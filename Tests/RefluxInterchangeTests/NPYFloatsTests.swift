import RefluxInterchange
import Testing

/// A file of version 1 with this header text and payload.
private func file(_ header: String, payload: [UInt8] = []) -> [UInt8] {
  let text = Array(header.utf8)
  return [
    0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(text.count & 255), UInt8(text.count >> 8),
  ]
    + text + payload
}

private func parse(_ bytes: [UInt8]) throws(InterchangeError) -> NPYFloats {
  try NPYFloats(parsing: bytes.span.bytes)
}

private func isArray(_ bytes: [UInt8]) -> Bool { NPYFloats.isArray(bytes.span.bytes) }

@Suite struct NPYFloatsTests {
  @Test(arguments: [("<f2", TensorType.f16, 2), ("<f4", .f32, 4), ("<f8", .f64, 8)])
  func readsHeaders(descriptor: String, type: TensorType, width: Int) throws {
    let header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (2, 3), }"
    let bytes = file(header, payload: [UInt8](repeating: 0, count: 6 * width))
    let array = try parse(bytes)
    #expect(array.type == type && array.shape == [2, 3])
    #expect(array.payload == 10 + header.utf8.count..<bytes.count)
    #expect(isArray(bytes))
    for count in [0, 6 * width - 1, 6 * width + 1] {
      let other = file(header, payload: [UInt8](repeating: 0, count: count))
      #expect(throws: InterchangeError.self) { try parse(other) }
    }
  }

  @Test func readsWhatNumPyWrote() throws {
    let array = try parse(Reference.array("floats").bytes)
    #expect(array.type == .f32)
  }

  @Test(arguments: [">f4", "<f3", "<u4", "|f2", "<c8", "<f16", ""])
  func refusesOtherTypes(descriptor: String) {
    let bytes = file("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (0,)}")
    let error = #expect(throws: InterchangeError.self) { try parse(bytes) }
    guard case .unsupported = error else {
      Issue.record("\(descriptor): \(String(describing: error))")
      return
    }
  }

  @Test func refusesFortransOrderAndOtherFiles() {
    let bytes = file(
      "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}", payload: [0, 0, 0, 0])
    let error = #expect(throws: InterchangeError.self) { try parse(bytes) }
    #expect(error?.description.hasPrefix("the array's order is Fortran's") == true)
    for other: [UInt8] in [[], [0x93], [0x93, 0x4E, 0x55, 0x4D, 0x50], [8, 0, 0, 0, 0, 0, 0, 0]] {
      #expect(!isArray(other))
      #expect(throws: InterchangeError.self) { try parse(other) }
    }
  }
}

/// Integers and named numbers of safetensors files.
@Suite struct SafetensorsNumbersTests {
  private func file(_ type: String, _ payload: [UInt8], count: Int) -> [UInt8] {
    let header = Array(
      "{\"x\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],\"data_offsets\":[0,\(payload.count)]}}"
        .utf8)
    return [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + payload
  }

  @Test(arguments: [("I", 1), ("I", 2), ("I", 4), ("I", 8), ("U", 1), ("U", 2), ("U", 4)])
  func readsIntegers(sign: String, width: Int) throws {
    let one: [UInt8] = [7] + [UInt8](repeating: 0, count: width - 1)
    let bytes = file(
      "\(sign)\(8 * width)", one + [UInt8](repeating: 255, count: width) + one, count: 3)
    let parsed = try SafetensorsFile(parsing: bytes.span.bytes)
    let tensor = try parsed.tensor(named: "x")
    let largest = sign == "I" ? -1 : 1 << (8 * width) - 1
    #expect(try tensor.integers(0..<3, from: bytes.span.bytes) == [7, largest, 7])
    #expect(try tensor.integers(1..<2, from: bytes.span.bytes) == [largest])
    #expect(throws: InterchangeError.self) { try parsed.numbers(named: "x") }
  }

  @Test func namesWhatThereIs() throws {
    let bytes = file("F32", [0, 0, 128, 63], count: 1)
    let parsed = try SafetensorsFile(parsing: bytes.span.bytes)
    #expect(try parsed.numbers(named: "x").shape == [1])
    #expect(throws: InterchangeError.missingNumbers(name: "y", found: ["x"])) {
      try parsed.numbers(named: "y")
    }
    let tensor = try parsed.tensor(named: "x")
    #expect(throws: InterchangeError.self) {
      try tensor.integers(0..<1, from: bytes.span.bytes)
    }
  }
}
