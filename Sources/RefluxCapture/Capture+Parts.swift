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
  func group(from record: Int, _ reader: TokenReader) throws(StoreError) -> CaptureGroup {
    try group(windows.group(of: record), from: record, reader)
  }

  private func group(
    _ windows: [Range<Int>], from record: Int, _ reader: TokenReader
  ) throws(StoreError) -> CaptureGroup {
    let (first, end) = (windows[0].lowerBound, windows[windows.count - 1].upperBound)
    // With the token after the last one, whose probability a store may keep.
    let ids = try reader.read(first..<min(end + 1, tokens.count))
    return CaptureGroup(
      windows: windows, length: configuration.context,
      wanted: record..<min(end, range.upperBound), tokens: ids)
  }

  /// Runs a few windows at four places and stores nothing, to say what the whole is going to be
  /// like.
  ///
  /// - Parameter windows: how many at each place, at most a group; one at least for each worker
  ///   measures best.
  /// - Parameter shouldStop: asked before each place; true ends the trial.
  /// - Returns: nil where it was stopped.
  /// - Complexity: five times that many windows, the first ones for warming up.
  public func trial(
    windows count: Int, shouldStop: () -> Bool = { false }
  ) throws -> CaptureTrial? {
    let (reader, sets, places) = (tokens.makeReader(), makeSets(), 4)
    let count = min(max(count, 1), configuration.batch)
    var (measured, unique, seconds) = (0, 0, 0.0)
    for turn in 0...places {
      if shouldStop() { return nil }
      let record = range.lowerBound + max(turn - 1, 0) * range.count / places
      let group = try group(windows.some(count, from: record), from: record, reader)
      let clock = Stopwatch()
      try source.fill(sets, group)
      if turn == 0 { continue }
      seconds += clock.seconds
      measured += group.wanted.count
      unique += sets.uniqueIDs(
        record - group.first..<group.wanted.upperBound - group.first)
    }
    return CaptureTrial(
      records: range.count, measured: measured,
      uniqueIDsPerRecord: Double(unique) / Double(measured),
      tokensPerSecond: Double(measured) / seconds)
  }
}
