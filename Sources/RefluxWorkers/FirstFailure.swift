internal import Synchronization

/// What went wrong first in the order of the shares, whichever worker met its own first.
package final class FirstFailure<Failure: Error>: Sendable {
  private let kept = Mutex<(share: Int, error: Failure)?>(nil)

  /// Nothing has failed.
  package init() {}

  /// The first share that failed, and its error; nil while none has.
  package var first: (share: Int, error: Failure)? { kept.withLock { $0 } }

  /// Runs a share of the work; keeps what it throws unless a share before it failed too.
  package func watch(share: Int, _ body: () throws(Failure) -> Void) {
    do throws(Failure) { try body() } catch { add(error, share: share) }
  }

  /// Keeps a failure unless a share before it failed too.
  package func add(_ error: Failure, share: Int) {
    kept.withLock { if share < $0?.share ?? .max { $0 = (share, error) } }
  }

  /// Call when all shares are done.
  ///
  /// - Throws: the failure of the first share that failed.
  package func check() throws(Failure) {
    if let first { throw first.error }
  }

  /// Forgets what failed, for the next round of the same shares.
  package func reset() { kept.withLock { $0 = nil } }
}
