/// Reads ranges of weights of tokens; belongs to one thread.
public final class TokenWeightReader {
  /// Records that are read together.
  static let chunk = 1 << 12

  private let reader: SampleReader
  private let count: Int
  private var offsets = [Int32](repeating: 0, count: chunk + 1)
  private var ids = [UInt32](repeating: 0, count: chunk)
  private var weights = [Float](repeating: 0, count: chunk)

  init(_ samples: SampleStore) {
    reader = samples.makeReader()
    count = samples.count
  }

  /// Files are compared with their paths again; see ``SampleReader/beginTurn()``.
  public func beginTurn() { reader.beginTurn() }

  /// Calls `body` with the place in the range and the weight of each record; those beyond the end
  /// of the store weigh 0.
  ///
  /// - Throws: what `SampleReader.read` throws.
  /// - Complexity: checks and decodes each block that is touched; no allocation.
  public func forEach(
    in records: Range<Int>, _ body: (_ place: Int, _ weight: Float) -> Void
  ) throws(StoreError) {
    var start = records.lowerBound
    while start < records.upperBound {
      let part = start..<min(start + Self.chunk, records.upperBound)
      let known = part.clamped(to: 0..<count)
      try load(known)
      for (index, record) in part.enumerated() {
        let isKnown = index < known.count && offsets[index] < offsets[index + 1]
        body(record - records.lowerBound, isKnown ? weights[Int(offsets[index])] : 0)
      }
      start = part.upperBound
    }
  }

  private func load(_ records: Range<Int>) throws(StoreError) {
    if records.isEmpty { return }
    try Self.read(records, reader, &offsets, &ids, &weights)
  }

  // Arrays come in as parameters of their own: a span taken from one property of an object would
  // hold the whole of it.
  private static func read(
    _ records: Range<Int>, _ reader: SampleReader, _ offsets: inout [Int32],
    _ ids: inout [UInt32], _ weights: inout [Float]
  ) throws(StoreError) {
    var offsets = offsets.mutableSpan
    var ids = ids.mutableSpan
    var weights = weights.mutableSpan
    try reader.read(records, offsets: &offsets, ids: &ids, weights: &weights)
  }
}
