internal import Dispatch
internal import RefluxProfiling
internal import RefluxStorage
internal import Synchronization

/// Appends sample sets to a store while the workers make the next ones.
///
/// One write at a time, on a queue of its own: `begin` hands sets over, `finish` takes them back.
/// So sets go out in order, at most two groups of them exist, and an error is the caller's before
/// anything after it is written.
@safe
final class BackgroundAppender: @unchecked Sendable {
  // Safe because: between `begin` and `finish` the queue alone touches the writer and the sets it
  // was given, at all other times the caller alone.
  let writer: SampleStoreWriter
  /// Seconds of appending, packing and compressing.
  private(set) var seconds = 0.0
  /// Seconds that the caller waited for it.
  private(set) var waited = 0.0
  /// Ids in all sets so far.
  private(set) var uniqueIDs = 0
  private let queue = DispatchQueue(label: "reflux.capture.store")
  private let outcome = Mutex<Result<Int, StoreError>>(.success(0))
  private var isBusy = false

  init(_ writer: SampleStoreWriter) { self.writer = writer }

  /// Starts to append; the sets must be left alone until `finish`.
  func begin(_ sets: CaptureSets, _ group: CaptureGroup) {
    precondition(!isBusy, "one write at a time")
    isBusy = true
    queue.async {
      let clock = Stopwatch()
      let result = Result { () throws(StoreError) in try sets.append(group, to: self.writer) }
      self.outcome.withLock { $0 = result }
      self.seconds += clock.seconds
    }
  }

  /// Waits for the write under way, if there is one.
  ///
  /// - Returns: whether there was one.
  /// - Throws: what stopped it.
  @discardableResult
  func finish() throws(StoreError) -> Bool {
    if !isBusy { return false }
    let clock = Stopwatch()
    // After the write's own block, which holds the writer until it is gone.
    queue.sync {}
    waited += clock.seconds
    isBusy = false
    uniqueIDs += try outcome.withLock { $0 }.get()
    return true
  }
}
