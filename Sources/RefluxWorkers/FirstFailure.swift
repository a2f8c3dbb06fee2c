internal import Synchronization

/// What went wrong first in the order of the shares, whichever worker met its own first.
package final class FirstFailure<Failure: Error>: Sendable {
  private let first = Mutex<(share: Int, error: Failure)?>(nil)

  /// Nothing has failed.
  package init() {}

  /// Runs a share of the work; keeps what it throws unless a share before it failed too.
  package func watch(share: Int, _ body: () throws(Failure) -> Void) {
    do throws(Failure) { try body() } catch { add(error, share: share) }
  }

  /// Keeps a failure unless a share before it failed too.
  package func add(_ error: Failure, share: Int) {
    first.withLock { if share < $0?.share ?? .max { $0 = (share, error) } }
  }

  /// Call when all shares are done.
  ///
  /// - Throws: the failure of the first share that failed.
  package func check() throws(Failure) {
    if let failure = first.withLock({ $0 }) { throw failure.error }
  }
}
