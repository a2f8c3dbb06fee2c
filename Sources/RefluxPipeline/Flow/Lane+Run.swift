internal import RefluxProfiling

extension Lane {
  /// A lane's life: its steps in order, until the end, a failure or `cancel`.
  func run(_ number: Int, _ steps: Range<Int>, _ ring: Ring, _ slots: [Slot]) {
    defer { board.set(.ended) }
    let lanes = configuration.lanes
    guard number < steps.count else { return }
    for step in stride(from: steps.lowerBound + number, to: steps.upperBound, by: lanes) {
      board.begin(step: step)
      guard let waited = wait(step, ring) else { return }
      let slot = slots[ring.slot(ofStep: step)]
      slot.prepare { makeBatch() }
      do {
        try fill(&slot.batch, step: step, waited: waited)
        ring.finish(step: step, failure: nil)
      } catch {
        ring.finish(step: step, failure: error)
        return board.set(.failed)
      }
      if steps.upperBound - step > lanes { prepare(step: step + lanes) }
    }
  }

  /// Waits for the slot of a step; returns for how many nanoseconds where times are taken, nil
  /// after `cancel`.
  private func wait(_ step: Int, _ ring: Ring) -> UInt64? {
    guard configuration.measures else { return ring.waitToFill(step: step) ? 0 : nil }
    let stopwatch = Stopwatch()
    let mayFill = ring.waitToFill(step: step)
    return mayFill ? UInt64(stopwatch.seconds * 1e9) : nil
  }
}
