internal import RefluxBytes
internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxJSON
internal import RefluxLosses
internal import RefluxTraining

/// Numbers of a file: a `.npy` array, a tensor of a safetensors file, or lists of JSON.
struct NumberFile {
  let path: String
  let map: MappedFile

  /// What an array may be written as.
  enum Form { case array, tensors, text }

  /// The most values of JSON: a tree of them takes 16 bytes each.
  static let maximumValues = 1 << 24

  init(path: String) throws(RecipeError) {
    self.path = path
    do { map = try MappedFile(path: path) } catch { throw .file(path: path, error) }
    if map.count == 0 { throw .emptyFile(path: path, expected: "an array") }
  }

  var form: Form {
    let map = map
    let bytes = map.bytes
    if NPYFloats.isArray(bytes) { return .array }
    // The length of a header of tensors has zeros, which no text has.
    for place in 0..<min(8, bytes.byteCount) where bytes.byte(at: place) == 0 { return .tensors }
    return .text
  }

  /// Numbers with their shape.
  ///
  /// - Parameter name: of the tensor, or of the member of a JSON object; that of the only one
  ///   need not match.
  func numbers(named name: String) throws(RecipeError) -> (values: [Double], shape: [Int]) {
    do throws(InterchangeError) {
      let map = map
      let bytes = map.bytes
      switch form {
      case .array:
        let array = try NPYFloats(parsing: bytes)
        return (try array.type.doubles(at: array.payload, of: bytes), array.shape)
      case .tensors:
        let file = try SafetensorsFile(parsing: bytes)
        let tensor = try file.numbers(named: file.tensors.count == 1 ? file.tensors[0].name : name)
        return (try tensor.type.doubles(at: tensor.bytes, of: bytes), tensor.shape)
      case .text: return try Self.numbers(of: member(name), at: [])
      }
    } catch { throw .foreign(path: path, error) }
  }

  /// Rows: the last axis of an array, with all others together.
  func rows(named name: String) throws(RecipeError) -> [[Double]] {
    let (values, width) = try cells(named: name)
    return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
  }

  /// The rows of the array `table`, one for each id, by their cosines.
  func similarities(vocabularySize: Int) throws(RecipeError) -> SimilarityTable {
    let (values, width) = try cells(named: "table")
    do throws(ObjectiveError) {
      let table = try SimilarityTable(values, width: width)
      try table.check(vocabularySize: vocabularySize)
      return table
    } catch { throw .objective(path: path, error) }
  }

  /// Numbers row by row, and how many a row has.
  private func cells(named name: String) throws(RecipeError) -> (values: [Double], width: Int) {
    let (values, shape) = try numbers(named: name)
    guard let width = shape.last, shape.count > 1, width > 0, !values.isEmpty else {
      throw .foreign(
        path: path,
        .malformed(
          part: "the shape", found: "\(shape)", expected: "[rows, vocabulary], neither of them 0"))
    }
    return (values, width)
  }

  /// Whole numbers, all axes together.
  func integers(named name: String) throws(RecipeError) -> [Int] {
    do throws(InterchangeError) {
      let map = map
      let bytes = map.bytes
      switch form {
      case .array:
        return try NPYArray(parsing: bytes).integers(from: bytes)
      case .tensors:
        let file = try SafetensorsFile(parsing: bytes)
        return try file.integers(
          named: file.tensors.count == 1 ? file.tensors[0].name : name, bytes)
      case .text: return try Self.integers(of: member(name))
      }
    } catch { throw .foreign(path: path, error) }
  }

  // MARK: JSON

  /// The document, or the member of this name where it is an object.
  private func member(_ name: String) throws(InterchangeError) -> JSONValue {
    let value: JSONValue
    do { value = try JSONValue(parsing: text, maximumValues: Self.maximumValues) } catch {
      throw .json(error)
    }
    guard case .object(let object) = value else { return value }
    if let member = object[name] { return member }
    throw .missingNumbers(name: name, found: object.members.prefix(8).map(\.key))
  }

  /// The bytes of a text.
  var text: [UInt8] {
    let map = map
    return [UInt8](map.bytes)
  }

  /// Whether the file is text.
  var isText: Bool { form == .text }

  /// The header of a safetensors file, and its bytes.
  func withTensors<Result>(
    _ body: (SafetensorsFile, RawSpan) throws(InterchangeError) -> Result
  ) throws(RecipeError) -> Result {
    do throws(InterchangeError) {
      let map = map
      return try body(try SafetensorsFile(parsing: map.bytes), map.bytes)
    } catch { throw .foreign(path: path, error) }
  }

  /// Numbers of lists inside each other, all of one shape.
  static func numbers(
    of value: JSONValue, at place: [Int]
  ) throws(InterchangeError) -> (values: [Double], shape: [Int]) {
    if let number = value.doubleValue { return ([number], []) }
    guard let elements = value.arrayValue else { throw malformed(place, value.kind) }
    var (values, shape): ([Double], [Int]?) = ([], nil)
    for (index, element) in elements.enumerated() {
      let part = try numbers(of: element, at: place + [index])
      if let shape, shape != part.shape {
        throw malformed(place + [index], "of another length than those before")
      }
      shape = part.shape
      values += part.values
    }
    return (values, [elements.count] + (shape ?? []))
  }

  static func integers(of value: JSONValue) throws(InterchangeError) -> [Int] {
    guard let elements = value.arrayValue else { throw malformed([], value.kind) }
    var integers: [Int] = []
    for (index, element) in elements.enumerated() {
      guard let integer = element.integerValue else { throw malformed([index], element.kind) }
      integers.append(integer)
    }
    return integers
  }

  static func malformed(_ place: [Int], _ found: String) -> InterchangeError {
    let words = place.isEmpty ? "the document" : "element \(place.map { "[\($0)]" }.joined())"
    return .malformed(part: words, found: found, expected: "lists of numbers, all of one length")
  }
}

extension SafetensorsFile {
  /// All elements of a tensor of whole numbers.
  func integers(named name: String, _ bytes: RawSpan) throws(InterchangeError) -> [Int] {
    if !hasTensor(named: name) {
      throw .missingNumbers(name: name, found: tensors.prefix(8).map(\.name))
    }
    let tensor = try tensor(named: name)
    return try tensor.integers(0..<tensor.count, from: bytes)
  }
}
