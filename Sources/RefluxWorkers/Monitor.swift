/// A value that several threads change and wait for.
///
/// A condition of the system in place of `Mutex`: it can wait, and the thread sanitizer sees it.
package final class Monitor<Value>: @unchecked Sendable {
  // Safe because: `value` is touched between `lock` and `unlock` only.
  @usableFromInline let condition = Condition()
  @usableFromInline var value: Value

  /// A value that nobody else has.
  @inlinable
  package init(_ value: sending Value) { self.value = value }

  /// Changes the value and wakes everybody who waits for it.
  @inlinable
  package func change(_ body: (inout Value) -> Void) {
    condition.lock()
    body(&value)
    condition.broadcast()
    condition.unlock()
  }

  /// Reads the value.
  @inlinable
  package func read<Result>(_ body: (Value) -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body(value)
  }

  /// Waits until `body` gives a result, or for so many seconds.
  ///
  /// - Returns: nil where the time is over.
  /// - Throws: what `body` throws, which ends the waiting too.
  @inlinable
  package func wait<Result, Failure: Error>(
    atMost seconds: Double, _ body: (Value) throws(Failure) -> Result?
  ) throws(Failure) -> Result? {
    condition.lock()
    defer { condition.unlock() }
    let end = Condition.end(in: seconds)
    while true {
      if let result = try body(value) { return result }
      if !condition.wait(until: end) { return try body(value) }
    }
  }

  /// Waits until `body` gives a result.
  ///
  /// - Throws: what `body` throws, which ends the waiting too.
  @inlinable
  package func wait<Result, Failure: Error>(
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
