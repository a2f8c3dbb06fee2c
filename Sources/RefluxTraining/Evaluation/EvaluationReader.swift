internal import RefluxKernels
internal import RefluxStorage

/// Reads windows with their labels and sample sets for an evaluation.
final class EvaluationReader {
  private let tokens: TokenReader
  private let samples: SampleReader?

  init(_ tokens: TokenStore, _ samples: SampleStore?) {
    self.tokens = tokens.makeReader()
    self.samples = samples?.makeReader()
  }

  /// Tokens of `count` records from `start` on; labels and sets go to `rows`.
  func read<Element: Scalar>(
    _ start: Int, _ count: Int, into rows: EvaluationRows<Element>
  ) throws(StoreError) -> [UInt32] {
    var ids = [UInt32](repeating: 0, count: count + 1)
    var span = ids.mutableSpan
    try tokens.read(start..<start + count + 1, into: &span)
    rows.labels.copy(from: ids.span.extracting(1..<count + 1))
    if let samples {
      let capacity = rows.capacity
      var offsets = [Int32](repeating: 0, count: count + 1)
      var sets = [UInt32](repeating: 0, count: count * capacity)
      var weights = [Float](repeating: 0, count: count * capacity)
      var offsetSpan = offsets.mutableSpan
      var setSpan = sets.mutableSpan
      var weightSpan = weights.mutableSpan
      try samples.read(
        start..<start + count, offsets: &offsetSpan, ids: &setSpan, weights: &weightSpan)
      rows.offsets.copy(from: offsets.span)
      rows.ids.copy(from: sets.span)
      rows.weights.copy(from: weights.span)
    }
    ids.removeLast()
    return ids
  }
}
