internal import RefluxBytes
internal import RefluxFiles
internal import RefluxInterchange

/// Rows of numbers of a file, one at a time: of arrays nothing but the row is in memory.
struct NumberRows {
  /// All axes of the array.
  let shape: [Int]
  /// Numbers of a row.
  let width: Int
  private let file: NumberFile
  private let source: Source

  fileprivate enum Source {
    case bytes(TensorType, Range<Int>)
    case numbers([Double])
  }

  /// Opens a file whose last `axes` axes are a row.
  ///
  /// - Parameter name: of the tensor, or of the member of a JSON object.
  init(path: String, named name: String, axes: Int = 1) throws(RecipeError) {
    file = try NumberFile(path: path)
    (source, shape) = try file.source(named: name)
    guard shape.count > axes, !shape.contains(0) else {
      let expected = axes == 1 ? "[rows, numbers]" : "[images, channels, rows, columns]"
      throw .foreign(
        path: path,
        .malformed(part: "the shape", found: "\(shape)", expected: expected + ", none of them 0"))
    }
    width = shape.suffix(axes).reduce(1, *)
  }

  /// The path of the file.
  var path: String { file.path }
  /// The number of rows: all axes but those of a row together.
  var count: Int {
    switch source {
    case .bytes(let type, let bytes): bytes.count / (type.bitWidth / 8) / width
    case .numbers(let numbers): numbers.count / width
    }
  }

  /// A row as double-precision numbers.
  func row(_ number: Int) throws(RecipeError) -> [Double] {
    switch source {
    case .numbers(let numbers): return Array(numbers[number * width..<(number + 1) * width])
    case .bytes(let type, _):
      do throws(InterchangeError) {
        let map = file.map
        return try type.doubles(at: place(of: number), of: map.bytes)
      } catch { throw .foreign(path: path, error) }
    }
  }

  /// Where the bytes of a row of an array are.
  private func place(of number: Int) -> Range<Int> {
    guard case .bytes(let type, let bytes) = source else { return 0..<0 }
    let size = width * (type.bitWidth / 8)
    let start = bytes.lowerBound + number * size
    return start..<start + size
  }

  /// The number format of an array and the bytes of a row; nil where the file is text.
  var type: TensorType? {
    if case .bytes(let type, _) = source { type } else { nil }
  }

  /// The bytes of a row of an array.
  func bytes(ofRow number: Int) -> [UInt8] {
    let map = file.map
    return [UInt8](map.bytes.extracting(place(of: number)))
  }

  /// Refuses a file that another process shortened while it was read.
  func checkWhole() throws(RecipeError) {
    do { try file.map.checkWhole() } catch { throw .file(path: path, error) }
  }
}

extension NumberFile {
  /// Where numbers are, with their shape.
  fileprivate func source(named name: String) throws(RecipeError) -> (NumberRows.Source, [Int]) {
    do throws(InterchangeError) {
      let map = map
      switch form {
      case .array:
        let array = try NPYFloats(parsing: map.bytes)
        return (.bytes(array.type, array.payload), array.shape)
      case .tensors:
        let file = try SafetensorsFile(parsing: map.bytes)
        let tensor = try file.numbers(named: file.tensors.count == 1 ? file.tensors[0].name : name)
        return (.bytes(tensor.type, tensor.bytes), tensor.shape)
      case .text: break
      }
    } catch { throw .foreign(path: path, error) }
    let (values, shape) = try numbers(named: name)
    return (.numbers(values), shape)
  }
}
