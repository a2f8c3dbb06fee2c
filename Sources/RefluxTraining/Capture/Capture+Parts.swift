internal import RefluxPipeline
internal import RefluxProfiling
internal import RefluxSampling
internal import RefluxStorage

/// What the turns of a capture are made of.
extension Capture {
  /// Rows of logits that a worker makes and draws from at a time.
  package static var rowsPerShare: Int { CaptureDrawing.share }

  func makeSets() -> CaptureSets {
    CaptureSets(
      records: configuration.batch * configuration.context, capacity: source.capacity,
      isWeighted: source.isWeighted, extras: configuration.extras)
  }

  /// The group of windows of a record, with the sets wanted from it on.
  func group(
    from record: Int, _ reader: TokenReader, atMost count: Int = .max
  ) throws(StoreError) -> CaptureGroup {
    let group = Array(windows.group(of: record).prefix(count))
    let (first, end) = (group[0].lowerBound, group[group.count - 1].upperBound)
    // With the token behind the last one, whose probability a store may keep.
    let ids = try reader.read(first..<min(end + 1, tokens.count))
    var documents: [Int] = []
    if configuration.packing.marksDocuments {
      try reader.forEachDocument(in: first..<end) { documents.append($0) }
    }
    return CaptureGroup(
      windows: group, length: configuration.context,
      wanted: record..<min(end, range.upperBound), tokens: ids, documents: documents)
  }

  /// Runs a few windows and stores nothing, to say what the whole is going to be like.
  ///
  /// - Parameter windows: how many, at most a group; one at least for each worker measures best.
  /// Cost: twice that many windows.
  public func trial(windows count: Int) throws -> CaptureTrial {
    let (reader, sets) = (tokens.makeReader(), makeSets())
    let group = try group(
      from: range.lowerBound, reader, atMost: min(max(count, 1), configuration.batch))
    try source.fill(sets, group)
    let clock = Stopwatch()
    try source.fill(sets, group)
    let seconds = clock.seconds
    let places = group.wanted.lowerBound - group.first..<group.wanted.upperBound - group.first
    return CaptureTrial(
      records: range.count, measured: places.count,
      uniqueIDsPerRecord: Double(sets.uniqueIDs(places)) / Double(places.count),
      tokensPerSecond: Double(places.count) / seconds)
  }
}
