internal import RefluxStorage

/// One prefetch thread's readers and scratch.
final class Lane {
  private let plan: FeedPlan
  private let tokens: TokenReader
  private let samples: SampleReader?
  /// A window and the token after it.
  private var records: [UInt32]

  init(plan: FeedPlan, tokens: TokenStore, samples: SampleStore?) {
    self.plan = plan
    self.tokens = tokens.makeReader()
    self.samples = samples?.makeReader()
    records = Array(repeating: 0, count: plan.window + 1)
  }

  /// Fills the batch of a step.
  ///
  /// - Throws: `tokens` or `samples`; the batch is then partly written.
  func fill(_ batch: inout Batch, step: Int) throws(FeedError) {
    batch.step = step
    plan.fill(step: step, windows: &batch.windowStorage)
    for row in 0..<plan.batch {
      do {
        try readTokens(&batch, row)
      } catch {
        throw .tokens(error, step: step)
      }
      do {
        try readSamples(&batch, row)
      } catch {
        throw .samples(error, step: step)
      }
    }
  }

  private func readTokens(_ batch: inout Batch, _ row: Int) throws(StoreError) {
    let first = batch.windowStorage[row] * plan.window
    try Self.read(first..<first + plan.window + 1, of: tokens, &records)
    let start = row * plan.window
    for position in 0..<plan.window {
      batch.tokenStorage[start + position] = records[position]
      batch.labelStorage[start + position] = records[position + 1]
    }
  }

  private func readSamples(_ batch: inout Batch, _ row: Int) throws(StoreError) {
    guard let samples else { return }
    let first = batch.windowStorage[row] * plan.window
    try Self.read(
      first..<first + plan.window, of: samples, row, &batch.offsetStorage, &batch.idStorage,
      &batch.weightStorage)
  }

  // Arrays come in as parameters of their own: a span taken from one property of a structure or
  // object would hold the whole of it.

  private static func read(
    _ records: Range<Int>, of tokens: TokenReader, _ target: inout [UInt32]
  ) throws(StoreError) {
    var span = target.mutableSpan
    try tokens.read(records, into: &span)
  }

  private static func read(
    _ records: Range<Int>, of samples: SampleReader, _ row: Int, _ offsets: inout [Int32],
    _ ids: inout [UInt32], _ weights: inout [Float]
  ) throws(StoreError) {
    let sets = row * records.count...(row + 1) * records.count
    let start = row == 0 ? 0 : Int(offsets[sets.lowerBound])
    var allOffsets = offsets.mutableSpan
    var offsets = allOffsets._mutatingExtracting(sets)
    var ids = ids.mutableSpan
    var weights = weights.mutableSpan
    try samples.read(
      records, offsets: &offsets, ids: &ids, weights: &weights, from: start)
  }
}
