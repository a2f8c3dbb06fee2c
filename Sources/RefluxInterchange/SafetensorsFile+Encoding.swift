internal import RefluxBytes
internal import RefluxJSON

extension SafetensorsFile {
  /// The order of tensors in a new file.
  public enum Order: Sendable {
    /// By type in the reverse order of `TensorType`'s cases, so widest first, then by name: the
    /// order of the format's own library.
    /// Every tensor starts at a multiple of its element's width.
    case canonical
    /// As they are given.
    case asGiven
  }

  /// Lays out a new file. The same tensors and metadata give the same bytes on every machine.
  ///
  /// - Throws: `InterchangeError.malformed` for two tensors of one name, one named `__metadata__`,
  ///   a negative axis, or sizes beyond `Int`; `InterchangeError.tooLarge` for a header beyond the
  ///   limit.
  public init(
    layingOut descriptions: [TensorDescription], metadata: [String: String] = [:],
    order: Order = .canonical
  ) throws(InterchangeError) {
    let sorted =
      order == .asGiven ? descriptions : descriptions.sorted(by: SafetensorsFile.precedes)
    var ranges: [Range<Int>] = []
    var names: Set<[UInt8]> = [Array("__metadata__".utf8)]
    var end = 0
    for tensor in sorted {
      guard names.insert(Array(tensor.name.utf8)).inserted else {
        throw .malformed(
          part: "tensor '\(tensor.name)'", found: "named like another",
          expected: "a name of its own")
      }
      guard tensor.shape.allSatisfy({ $0 >= 0 }),
        let size = tensor.type.byteCount(ofShape: tensor.shape), size < Int.max / 2 - end
      else {
        throw .malformed(
          part: "tensor '\(tensor.name)'", found: "of shape \(tensor.shape)",
          expected: "a whole number of bytes below 2^62 in all")
      }
      ranges.append(end..<end + size)
      end += size
    }
    let header = SafetensorsFile.header(sorted, ranges, metadata)
    guard header.count - 8 <= SafetensorsFile.headerLimit else {
      throw .tooLarge(
        part: "the header", found: "\(header.count - 8) bytes", limit: SafetensorsFile.headerLimit)
    }
    let start = header.count
    self.init(
      tensors: zip(sorted, ranges).map { tensor, range in
        SafetensorsTensor(
          name: tensor.name, type: tensor.type, shape: tensor.shape,
          bytes: start + range.lowerBound..<start + range.upperBound)
      },
      metadata: metadata, byteCount: start + end)
  }

  /// The bytes before the tensors' data: the length, and the JSON padded with spaces to a multiple
  /// of eight. The data of ``tensors`` follows in their order.
  public var header: [UInt8] {
    let start = tensors.first?.bytes.lowerBound ?? 0
    return SafetensorsFile.header(
      tensors.map { TensorDescription(name: $0.name, type: $0.type, shape: $0.shape) },
      tensors.map { $0.bytes.lowerBound - start..<$0.bytes.upperBound - start }, metadata)
  }

  /// A whole file in memory.
  ///
  /// - Parameter tensors: Each tensor with its data, row-major and little-endian.
  /// - Throws: As ``init(layingOut:metadata:order:)``, and `InterchangeError.truncated` or
  ///   `.trailingBytes` where a tensor's data is not as long as its type and shape ask for.
  public static func encode(
    tensors: [(description: TensorDescription, data: [UInt8])], metadata: [String: String] = [:],
    order: Order = .canonical
  ) throws(InterchangeError) -> [UInt8] {
    let file = try SafetensorsFile(
      layingOut: tensors.map(\.description), metadata: metadata, order: order)
    var bytes = file.header
    var data: [[UInt8]: [UInt8]] = [:]
    for tensor in tensors { data[Array(tensor.description.name.utf8)] = tensor.data }
    for tensor in file.tensors {
      let part = data[Array(tensor.name.utf8)] ?? []
      guard part.count >= tensor.bytes.count else {
        throw .truncated(
          part: "tensor '\(tensor.name)'", expectedBytes: tensor.bytes.count,
          foundBytes: part.count)
      }
      guard part.count == tensor.bytes.count else {
        throw .trailingBytes(expectedBytes: tensor.bytes.count, foundBytes: part.count)
      }
      bytes.append(contentsOf: part)
    }
    return bytes
  }

  private static func precedes(_ one: TensorDescription, _ other: TensorDescription) -> Bool {
    if one.type != other.type { return one.type.rank > other.type.rank }
    return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }

  private static func header(
    _ tensors: [TensorDescription], _ ranges: [Range<Int>], _ metadata: [String: String]
  ) -> [UInt8] {
    var members: [JSONObject.Member] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { JSONObject.Member($0.key, .string($0.value)) }
      members.append(JSONObject.Member("__metadata__", .object(JSONObject(texts))))
    }
    for (tensor, range) in zip(tensors, ranges) {
      let facts: JSONObject = [
        "dtype": .string(tensor.type.rawValue),
        "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": .array([.integer(range.lowerBound), .integer(range.upperBound)]),
      ]
      members.append(JSONObject.Member(tensor.name, .object(facts)))
    }
    var text = JSONValue.object(JSONObject(members)).encoded()
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    var writer = ByteWriter(capacity: 8)
    writer.write(UInt64(text.count))
    return writer.bytes + text
  }
}
