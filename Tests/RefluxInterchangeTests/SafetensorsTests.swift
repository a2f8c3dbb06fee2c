import RefluxInterchange
import RefluxJSON
import Testing

/// A file of this header text and payload.
private func file(_ header: String, payload: [UInt8] = []) -> [UInt8] {
  let count = UInt64(header.utf8.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8) + payload
}

private func parse(_ bytes: [UInt8]) throws(InterchangeError) -> SafetensorsFile {
  try SafetensorsFile(parsing: bytes.span.bytes)
}

private func floats(
  of tensor: SafetensorsTensor, in bytes: [UInt8]
) throws(InterchangeError) -> [Float] {
  try tensor.floats(from: bytes.span.bytes)
}

@Suite struct SafetensorsParsingTests {
  @Test func readsWhatTheLibraryWrote() throws {
    let (bytes, expected) = Reference.safetensors
    let parsed = try parse(bytes)
    #expect(parsed.metadata == ["format": "pt"])
    #expect(parsed.tensors.count == expected.count && expected.count == 9)
    for facts in expected {
      let tensor = try parsed.tensor(named: facts["name"]?.stringValue ?? "")
      #expect(tensor.type.rawValue == facts["dtype"]?.stringValue)
      #expect(tensor.shape == facts["shape"]?.arrayValue?.compactMap(\.integerValue))
      guard ["F32", "F16", "BF16", "F64"].contains(tensor.type.rawValue) else { continue }
      let values = facts["values"]?.arrayValue?.compactMap(\.doubleValue).map(Float.init)
      #expect(try floats(of: tensor, in: bytes) == values)
    }
  }

  @Test func readsAPartOfATensor() throws {
    let bytes = Reference.safetensors.bytes
    let tensor = try parse(bytes).tensor(named: "half")
    var floats: [Float] = [9, 9, 9]
    var span = floats.mutableSpan
    try tensor.readFloats(2..<4, from: bytes.span.bytes, into: &span)
    #expect(floats == [1, -2.5, 9])
  }

  @Test func everyHalfHasItsValue() throws {
    let halves = (UInt16.min...UInt16.max).map { $0 }
    let data = halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let description = TensorDescription(name: "h", type: .f16, shape: [halves.count])
    let bytes = try SafetensorsFile.encode(tensors: [(description, data)])
    let floats = try parse(bytes).tensor(named: "h").floats(from: bytes.span.bytes)
    for (half, float) in zip(halves, floats) {
      let sign: Float = half >> 15 == 0 ? 1 : -1
      let fraction = Float(half & 0x3FF)
      let exponent = Int(half >> 10 & 31)
      let expected: Float =
        switch exponent {
        case 31: fraction == 0 ? sign * .infinity : .nan
        case 0: Float(sign: .plus, exponent: -24, significand: 1) * fraction * sign
        default:
          Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024) * sign
        }
      guard float != expected, !(float.isNaN && expected.isNaN) else { continue }
      Issue.record("\(half): \(float), expected \(expected)")
    }
  }

  @Test func integersAreNoFloats() throws {
    let bytes = Reference.safetensors.bytes
    let error = #expect(throws: InterchangeError.self) {
      try floats(of: parse(bytes).tensor(named: "ids"), in: bytes)
    }
    #expect(
      error?.description == "the dtype of tensor 'ids' is 'I64', which is not supported; "
        + "supported: F32, BF16, F16, F64")
  }

  @Test func aMissingTensorIsNamed() throws {
    let parsed = try parse(Reference.safetensors.bytes)
    #expect(parsed.hasTensor(named: "half") && !parsed.hasTensor(named: "nope"))
    #expect(throws: InterchangeError.missingTensor(name: "nope")) {
      try parsed.tensor(named: "nope")
    }
  }

  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
      + #""b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
      + #""b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#,
  ])
  func holesAndOverlapsAreFound(_ header: String) {
    let error = #expect(throws: InterchangeError.self) {
      try parse(file(header, payload: [UInt8](repeating: 0, count: 8)))
    }
    guard case .misplacedTensor = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2]}}"#, #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":[1]}"#,
    #"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#,
    #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":"a"}"#,
  ])
  func malformedTensorsAreRefused(_ header: String) {
    let error = #expect(throws: InterchangeError.self) {
      try parse(file(header, payload: [UInt8](repeating: 0, count: 8)))
    }
    guard case .malformed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func unknownTypesAreNamed() {
    let header = #"{"a":{"dtype":"F128","shape":[1],"data_offsets":[0,16]}}"#
    let error = #expect(throws: InterchangeError.self) {
      try parse(file(header, payload: [UInt8](repeating: 0, count: 16)))
    }
    #expect(error?.description.hasPrefix("the dtype of tensor 'a' is 'F128', which is not") == true)
  }

  @Test func twoTensorsOfOneNameAreRefused() {
    let tensor = #""a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    #expect(throws: InterchangeError.json(.duplicateKey("a", offset: 53))) {
      try parse(file("{\(tensor),\(tensor)}"))
    }
  }

  @Test func longHeadersAreRefusedUnread() {
    var bytes = file("{}")
    bytes[4] = 1
    #expect(
      throws: InterchangeError.tooLarge(
        part: "the header", found: "4294967298 bytes", limit: 33_554_432)
    ) { try parse(bytes) }
    bytes[7] = 255
    #expect(throws: InterchangeError.self) { try parse(bytes) }
  }

  @Test func everyTruncationAndEveryExtraByteIsFound() {
    let bytes = Reference.safetensors.bytes
    for count in 0..<bytes.count {
      #expect(throws: InterchangeError.self) { try parse(Array(bytes.prefix(count))) }
    }
    #expect(
      throws: InterchangeError.trailingBytes(
        expectedBytes: bytes.count, foundBytes: bytes.count + 1)
    ) { try parse(bytes + [0]) }
  }

  @Test func everySingleByteChangeIsReadOrRefused() {
    let good = Reference.safetensors.bytes
    for index in 0..<608 {
      for value in UInt8.min...UInt8.max {
        var bytes = good
        bytes[index] = value
        guard let parsed = try? parse(bytes) else { continue }
        for tensor in parsed.tensors {
          #expect(tensor.bytes.upperBound <= bytes.count)
          _ = try? tensor.floats(from: bytes.span.bytes)
        }
      }
    }
  }

  @Test func anEmptyFileOfTensorsIsFine() throws {
    #expect(try parse(file("{}")).tensors == [])
  }
}

@Suite struct SafetensorsEncodingTests {
  /// The reference's tensors, last first, with their data.
  private func tensors() throws -> [(description: TensorDescription, data: [UInt8])] {
    let bytes = Reference.safetensors.bytes
    return try parse(bytes).tensors.reversed().map { tensor in
      let description = TensorDescription(name: tensor.name, type: tensor.type, shape: tensor.shape)
      return (description, Array(bytes[tensor.bytes]))
    }
  }

  @Test func writesWhatTheLibraryWrites() throws {
    let bytes = try SafetensorsFile.encode(tensors: tensors(), metadata: ["format": "pt"])
    #expect(bytes == Reference.safetensors.bytes)
    #expect(try parse(bytes).header == Array(bytes.prefix(608)))
  }

  @Test func keepsTheOrderGiven() throws {
    let tensors = try tensors()
    let bytes = try SafetensorsFile.encode(tensors: tensors, order: .asGiven)
    let parsed = try parse(bytes)
    #expect(parsed.tensors.map(\.name) == tensors.map(\.description.name))
    for (tensor, given) in zip(parsed.tensors, tensors) {
      #expect(Array(bytes[tensor.bytes]) == given.data)
    }
  }

  @Test func layoutsSayWhereEverythingGoes() throws {
    let descriptions = [
      TensorDescription(name: "b", type: .bf16, shape: [3, 5]),
      TensorDescription(name: "a", type: .f32, shape: [7]),
    ]
    let file = try SafetensorsFile(layingOut: descriptions, metadata: ["z": "1", "a": "2"])
    #expect(file.tensors.map(\.name) == ["a", "b"])
    #expect(file.header.count % 8 == 0)
    #expect(file.tensors[0].bytes == file.header.count..<file.header.count + 28)
    #expect(file.byteCount == file.header.count + 28 + 30)
    let bytes = file.header + [UInt8](repeating: 0, count: 58)
    #expect(try parse(bytes) == file)
  }

  @Test func refusesWhatCannotBeAFile() {
    let one = TensorDescription(name: "a", type: .u8, shape: [2])
    #expect(throws: InterchangeError.self) { try SafetensorsFile(layingOut: [one, one]) }
    for bad in [
      TensorDescription(name: "__metadata__", type: .u8, shape: [2]),
      TensorDescription(name: "a", type: .u8, shape: [-2]),
      TensorDescription(name: "a", type: .u8, shape: [.max, 2]),
      TensorDescription(name: "a", type: .f4, shape: [3]),
    ] {
      #expect(throws: InterchangeError.self) { try SafetensorsFile(layingOut: [bad]) }
    }
    #expect(
      throws: InterchangeError.truncated(part: "tensor 'a'", expectedBytes: 2, foundBytes: 1)
    ) { try SafetensorsFile.encode(tensors: [(one, [1])]) }
    #expect(throws: InterchangeError.trailingBytes(expectedBytes: 2, foundBytes: 3)) {
      try SafetensorsFile.encode(tensors: [(one, [1, 2, 3])])
    }
  }
}
