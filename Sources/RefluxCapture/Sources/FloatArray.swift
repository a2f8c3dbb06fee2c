internal import RefluxInterchange
internal import RefluxMemory

/// Numbers of a foreign file: which they are, and how they become float32.
struct FloatArray: Sendable {
  /// Empty where the format has no names.
  let name: String
  let type: TensorType
  let shape: [Int]
  /// Counted from the start of the file.
  let bytes: Range<Int>

  init(_ array: NPYFloats) {
    (name, type, shape, bytes) = ("", array.type, array.shape, array.payload)
  }

  init(_ tensor: SafetensorsTensor) {
    (name, type, shape, bytes) = (tensor.name, tensor.type, tensor.shape, tensor.bytes)
  }

  /// What errors call it.
  var title: String { name.isEmpty ? "the array" : "'\(name)'" }

  /// Some of the numbers; exact but for float64, which is rounded to nearest.
  func read(_ range: Range<Int>, from file: RawSpan, into target: View<Float>) {
    let width = type.bitWidth / 8
    let part = file.extracting(
      bytes.lowerBound + range.lowerBound * width..<bytes.lowerBound + range.upperBound * width)
    switch type {
    case .bf16: target.copy(from: part, as: BFloat16.self)
    case .f16: target.copyHalves(from: part)
    case .f64: target.copyDoubles(from: part)
    default: target.copy(from: part, as: Float.self)
    }
  }

  /// The same as an array of their own.
  func numbers(_ range: Range<Int>, from file: RawSpan) -> [Float] {
    let arena = Arena()
    let view: View<Float> = arena.take(range.count)
    read(range, from: file, into: view)
    return withExtendedLifetime(arena) { (0..<range.count).map { view[$0] } }
  }
}
