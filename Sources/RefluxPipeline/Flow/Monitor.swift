internal import Foundation

/// A value that several threads change and wait for.
///
/// Foundation's condition in place of `Mutex`: it can wait, and the thread sanitizer sees it.
final class Monitor<Value>: @unchecked Sendable {
  // Safe because: `value` is touched between `lock` and `unlock` only.
  private let condition = NSCondition()
  private var value: Value

  init(_ value: sending Value) { self.value = value }

  /// Changes the value and wakes everybody who waits for it.
  func change(_ body: (inout Value) -> Void) {
    condition.lock()
    body(&value)
    condition.broadcast()
    condition.unlock()
  }

  /// Reads the value.
  func read<Result>(_ body: (Value) -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body(value)
  }

  /// Waits until `body` gives a result, or for so many seconds.
  ///
  /// - Returns: nil where the time is over.
  /// - Throws: what `body` throws, which ends the waiting too.
  func wait<Result, Failure: Error>(
    atMost seconds: Double, _ body: (Value) throws(Failure) -> Result?
  ) throws(Failure) -> Result? {
    condition.lock()
    defer { condition.unlock() }
    let end = Date(timeIntervalSinceNow: seconds)
    while true {
      if let result = try body(value) { return result }
      if !condition.wait(until: end) { return try body(value) }
    }
  }

  /// Waits until `body` gives a result.
  ///
  /// - Throws: what `body` throws, which ends the waiting too.
  func wait<Result, Failure: Error>(
    _ body: (Value) throws(Failure) -> Result?
  ) throws(Failure) -> Result {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let result = try body(value) { return result }
      condition.wait()
    }
  }
}
