internal import RefluxWorkers

/// Who may touch which slot: step k lives in slot k modulo the number of slots.
///
/// A lane may fill step k once the consumer has done with step k - slots; the consumer may read it
/// once it is filled.
final class Ring: Sendable {
  private struct State {
    /// The step that the consumer takes next.
    var next: Int
    var isFilled: [Bool]
    var failures: [FeedError?]
    var isCancelled = false
  }

  private let slotCount: Int
  private let state: Monitor<State>

  init(slots: Int, firstStep: Int) {
    slotCount = slots
    state = Monitor(
      State(
        next: firstStep, isFilled: Array(repeating: false, count: slots),
        failures: Array(repeating: nil, count: slots)))
  }

  /// The slot of a step.
  func slot(ofStep step: Int) -> Int { step % slotCount }

  // MARK: Lanes

  /// Waits until a lane may fill the slot of its step.
  ///
  /// - Returns: whether it may; false after `cancel`.
  func waitToFill(step: Int) -> Bool {
    state.wait { state in
      if state.isCancelled { return false }
      return step < state.next + slotCount ? true : nil
    }
  }

  /// Hands a filled slot, or the reason why it could not be filled, to the consumer.
  func finish(step: Int, failure: FeedError?) {
    state.change { state in
      state.isFilled[slot(ofStep: step)] = true
      state.failures[slot(ofStep: step)] = failure
    }
  }

  // MARK: Consumer

  /// Whether `waitForNext` would return or throw at once.
  var nextIsReady: Bool {
    state.read { $0.isFilled[slot(ofStep: $0.next)] }
  }

  /// Waits until the next step's slot is filled.
  ///
  /// - Parameters:
  ///   - seconds: how long a wait is long.
  ///   - onStall: called after every so many seconds in vain.
  /// - Throws: the failure of the lane that should have filled it, now and ever after; `cancelled`.
  func waitForNext(
    seconds: Double = .infinity, onStall: () -> Void = {}
  ) throws(FeedError) {
    // Closures and not the method itself, which would be an allocation every time.
    guard seconds.isFinite else {
      return try state.wait { state throws(FeedError) in try isNextFilled(state) }
    }
    while try state.wait(
      atMost: seconds, { state throws(FeedError) in try isNextFilled(state) }) == nil
    { onStall() }
  }

  private func isNextFilled(_ state: State) throws(FeedError) -> Void? {
    let slot = slot(ofStep: state.next)
    if let failure = state.failures[slot] { throw failure }
    if state.isFilled[slot] { return () }
    if state.isCancelled { throw .cancelled }
    return nil
  }

  /// Batches that are ready.
  var readyCount: Int { state.read { $0.isFilled.count { $0 } } }

  /// Gives the slot just read back and moves to the next step.
  func advance() {
    state.change { state in
      state.isFilled[slot(ofStep: state.next)] = false
      state.next += 1
    }
  }

  /// Tells all lanes to end: those that wait at once, the others after the step they are at.
  func cancel() { state.change { $0.isCancelled = true } }
}
