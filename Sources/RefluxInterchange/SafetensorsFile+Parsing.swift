internal import RefluxBytes
internal import RefluxJSON

extension SafetensorsFile {
  /// Reads and checks the header of a file.
  ///
  /// - Parameter bytes: The whole file, tensor data included.
  /// - Throws: `InterchangeError` where the header is too long or no safetensors header, a tensor's
  ///   bytes are not what its type and shape ask for, tensors overlap or leave holes, or the file
  ///   is longer or shorter than its tensors.
  /// - Complexity: Linear in the header alone, about 30 times its size in memory while it is read.
  public init(parsing bytes: RawSpan) throws(InterchangeError) {
    let text = try SafetensorsFile.headerText(of: bytes)
    let header = try JSONValue(header: [UInt8](bytes.extracting(text)), part: "the header")
    var metadata: [String: String] = [:]
    var tensors: [SafetensorsTensor] = []
    for member in header.members {
      if member.key == "__metadata__" {
        metadata = try SafetensorsFile.metadata(member.value)
      } else {
        tensors.append(try SafetensorsTensor(member.key, member.value, dataStart: text.upperBound))
      }
    }
    tensors.sort { one, other in
      (one.bytes.lowerBound, one.bytes.upperBound) < (
        other.bytes.lowerBound, other.bytes.upperBound
      )
    }
    try SafetensorsFile.check(tensors, dataStart: text.upperBound, fileBytes: bytes.byteCount)
    self.init(tensors: tensors, metadata: metadata, byteCount: bytes.byteCount)
  }

  /// Where the header's text stands.
  private static func headerText(of bytes: RawSpan) throws(InterchangeError) -> Range<Int> {
    guard bytes.byteCount >= 9 else {
      throw .truncated(part: "the header", expectedBytes: 9, foundBytes: bytes.byteCount)
    }
    guard bytes.byte(at: 8) == UInt8(ascii: "{") else {
      throw .notThisFormat(
        expected: "a safetensors file", found: "no JSON object after its first eight bytes")
    }
    let length = bytes.littleEndianUInt64(at: 0)
    guard length <= UInt64(headerLimit) else {
      throw .tooLarge(part: "the header", found: "\(length) bytes", limit: headerLimit)
    }
    guard bytes.byteCount - 8 >= Int(length) else {
      throw .truncated(
        part: "the header", expectedBytes: 8 + Int(length), foundBytes: bytes.byteCount)
    }
    return 8..<8 + Int(length)
  }

  private static func metadata(_ value: JSONValue) throws(InterchangeError) -> [String: String] {
    guard let object = value.objectValue else {
      throw .malformed(part: "'__metadata__'", found: value.kind, expected: "an object of strings")
    }
    var metadata: [String: String] = [:]
    for member in object.members {
      guard let text = member.value.stringValue else {
        throw .malformed(
          part: "'__metadata__' entry '\(foreign: member.key)'", found: member.value.kind,
          expected: "a string")
      }
      metadata[member.key] = text
    }
    return metadata
  }

  /// Checks that the tensors fill the data from its start to the file's end, one after the other.
  private static func check(
    _ tensors: [SafetensorsTensor], dataStart: Int, fileBytes: Int
  ) throws(InterchangeError) {
    var end = dataStart
    for tensor in tensors {
      guard tensor.bytes.lowerBound == end else {
        throw .misplacedTensor(
          name: tensor.name, start: tensor.bytes.lowerBound - dataStart,
          expectedStart: end - dataStart)
      }
      end = tensor.bytes.upperBound
    }
    guard fileBytes >= end else {
      throw .truncated(part: "the tensors' data", expectedBytes: end, foundBytes: fileBytes)
    }
    guard fileBytes == end else {
      throw .trailingBytes(expectedBytes: end, foundBytes: fileBytes)
    }
  }
}

extension JSONValue {
  /// The members of a JSON object that may be no deeper than any header of these formats.
  init(header text: [UInt8], part: String) throws(InterchangeError) {
    do {
      self = try JSONValue(parsing: text, maximumDepth: 8)
    } catch {
      throw .json(error)
    }
    guard objectValue != nil else {
      throw .malformed(part: part, found: kind, expected: "a JSON object")
    }
  }

  var members: [JSONObject.Member] { objectValue?.members ?? [] }
}

extension SafetensorsTensor {
  fileprivate init(
    _ name: String, _ value: JSONValue, dataStart: Int
  ) throws(InterchangeError) {
    let part = "tensor '\(foreign: name)'"
    guard let object = value.objectValue else {
      throw .malformed(part: part, found: value.kind, expected: "an object")
    }
    guard let typeName = object["dtype"]?.stringValue,
      let shape = object["shape"]?.lengths, let offsets = object["data_offsets"]?.lengths,
      offsets.count == 2
    else {
      throw .malformed(
        part: part, found: "incomplete",
        expected: "'dtype', 'shape' and 'data_offsets' of two numbers")
    }
    guard let type = TensorType(rawValue: typeName) else {
      throw .unsupported(
        part: "the dtype of \(part)", found: "'\(typeName.prefix(20))'",
        supported: TensorType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard let size = type.byteCount(ofShape: shape) else {
      throw .malformed(
        part: "the shape of \(part)", found: "\(shape)",
        expected: "a whole number of bytes below 2^63")
    }
    guard offsets[0] <= offsets[1], offsets[1] <= Int.max - dataStart,
      offsets[1] - offsets[0] == size
    else {
      throw .malformed(
        part: "'data_offsets' of \(part)", found: "\(offsets)",
        expected: "\(size) bytes, as its dtype and shape ask for")
    }
    self.init(
      name: name, type: type, shape: shape,
      bytes: dataStart + offsets[0]..<dataStart + offsets[1])
  }
}

extension JSONValue {
  /// The elements of an array of non-negative integers, or nil for anything else.
  fileprivate var lengths: [Int]? {
    guard let values = arrayValue else { return nil }
    var lengths: [Int] = []
    for value in values {
      guard let length = value.integerValue, length >= 0 else { return nil }
      lengths.append(length)
    }
    return lengths
  }
}
