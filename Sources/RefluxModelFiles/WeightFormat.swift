internal import RefluxInterchange
internal import RefluxMemory

/// The number format of the weights in a model's files.
public enum WeightFormat: String, CaseIterable, Sendable {
  /// The weights as they are.
  case float32
  /// Rounded to eight bits of precision, with float32's range.
  case bfloat16
  /// Rounded to eleven bits of precision, up to 65,504.
  case float16

  var type: TensorType {
    switch self {
    case .float32: .f32
    case .bfloat16: .bf16
    case .float16: .f16
    }
  }

  /// - Throws: `weightBeyondFormat` for the first finite weight that would become infinite.
  func check(_ tensors: [TensorFile.Tensor]) throws(ModelFilesError) {
    if self == .float32 { return }
    for tensor in tensors {
      let values = tensor.values
      for element in 0..<values.count
      where values[element].isFinite && !float(bits(values[element])).isFinite {
        throw .weightBeyondFormat(
          tensor: tensor.name, element: element, found: values[element], format: self)
      }
    }
  }

  /// Calls `body` with the bytes of all values in this format, some at a time.
  func forEachPiece<Failure: Error>(
    of values: View<Float>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    if self == .float32 { return try values.withBytes(body) }
    var words: [UInt16] = []
    for start in stride(from: 0, to: values.count, by: 1 << 16) {
      words.removeAll(keepingCapacity: true)
      for index in start..<min(start + 1 << 16, values.count) {
        words.append(bits(values[index]).littleEndian)
      }
      try unsafe body(words.span.bytes)
    }
  }

  private func bits(_ value: Float) -> UInt16 {
    self == .bfloat16 ? BFloat16(rounding: value).bits : Float16(value).bitPattern
  }

  private func float(_ bits: UInt16) -> Float {
    self == .bfloat16
      ? Float(bitPattern: UInt32(bits) << 16) : Float(Float16(bitPattern: bits))
  }
}
