internal import Dispatch
internal import Synchronization

/// Who may touch which slot: step k lives in slot k modulo the number of slots.
///
/// A lane may fill step k once the consumer has done with step k - slots; the consumer may read it
/// once it is filled. Whoever has to wait says so under the lock and then sleeps on a semaphore of
/// its own, so every wait is paired with exactly one signal and cancelling wakes everybody.
final class Ring: Sendable {
  private struct State {
    /// The step that the consumer takes next.
    var next: Int
    var isFilled: [Bool]
    var failures: [FeedError?]
    /// The step each lane sleeps for; nil while it works.
    var wanted: [Int?]
    var consumerSleeps = false
    var isCancelled = false
  }

  private let slotCount: Int
  private let state: Mutex<State>
  private let laneSignals: [DispatchSemaphore]
  private let consumerSignal = DispatchSemaphore(value: 0)

  init(slots: Int, lanes: Int, firstStep: Int) {
    slotCount = slots
    laneSignals = (0..<lanes).map { _ in DispatchSemaphore(value: 0) }
    state = Mutex(
      State(
        next: firstStep, isFilled: Array(repeating: false, count: slots),
        failures: Array(repeating: nil, count: slots), wanted: Array(repeating: nil, count: lanes)))
  }

  /// The slot of a step.
  func slot(ofStep step: Int) -> Int { step % slotCount }

  // MARK: Lanes

  /// Waits until a lane may fill the slot of its step.
  ///
  /// - Returns: whether it may; false after `cancel`.
  func waitToFill(step: Int, lane: Int) -> Bool {
    while true {
      let mayFill: Bool? = state.withLock { state in
        if state.isCancelled { return false }
        if step < state.next + slotCount { return true }
        state.wanted[lane] = step
        return nil
      }
      if let mayFill { return mayFill }
      laneSignals[lane].wait()
    }
  }

  /// Hands a filled slot, or the reason why it could not be filled, to the consumer.
  func finish(step: Int, failure: FeedError?) {
    state.withLock { state in
      state.isFilled[slot(ofStep: step)] = true
      state.failures[slot(ofStep: step)] = failure
      if state.consumerSleeps, step == state.next {
        state.consumerSleeps = false
        consumerSignal.signal()
      }
    }
  }

  // MARK: Consumer

  /// Whether the next step can be taken at once; if not, `waitForNext` sleeps.
  var nextIsReady: Bool {
    state.withLock { $0.isFilled[slot(ofStep: $0.next)] }
  }

  /// Waits until the next step's slot is filled.
  ///
  /// - Throws: the failure of the lane that should have filled it, now and ever after.
  func waitForNext() throws(FeedError) {
    while true {
      let isReady = try state.withLock { state throws(FeedError) in
        let slot = slot(ofStep: state.next)
        if let failure = state.failures[slot] { throw failure }
        state.consumerSleeps = !state.isFilled[slot]
        return state.isFilled[slot]
      }
      if isReady { return }
      consumerSignal.wait()
    }
  }

  /// Gives the slot just read back and goes on to the next step.
  func advance() {
    state.withLock { state in
      state.isFilled[slot(ofStep: state.next)] = false
      state.next += 1
      for lane in state.wanted.indices {
        guard let step = state.wanted[lane], step < state.next + slotCount else { continue }
        state.wanted[lane] = nil
        laneSignals[lane].signal()
      }
    }
  }

  /// Tells all lanes to end: those that sleep at once, the others after the step they are at.
  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      for lane in state.wanted.indices where state.wanted[lane] != nil {
        state.wanted[lane] = nil
        laneSignals[lane].signal()
      }
    }
  }
}
