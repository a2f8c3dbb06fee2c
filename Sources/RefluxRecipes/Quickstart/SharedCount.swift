internal import Synchronization

/// A count that several threads add to.
final class SharedCount: Sendable {
  private let value = Mutex(0)

  /// Adds and returns the new count.
  func add(_ amount: Int) -> Int {
    value.withLock { value in
      value += amount
      return value
    }
  }
}
