internal import Dispatch
internal import Synchronization

/// A team that runs the fixed shares of an operation; results never depend on its size.
///
/// An operation is cut into shares by its data alone. Workers take the next share from a counter,
/// so an idle core helps a busy one; every share writes its own part, and sums over shares are
/// taken afterwards in the order of the shares.
public final class Workers: Sendable {
  /// Threads, the caller's included; workers are numbered 0..<count.
  public let count: Int

  /// - Parameter count: threads, the caller's included; at least 1.
  public init(count: Int) {
    precondition(count >= 1)
    self.count = count
  }

  /// Runs `body` once for each share and returns when all are done.
  ///
  /// - Parameter body: called with the share's number and that of the worker (below ``count``),
  ///   whose scratch it may use.
  public func run(_ shares: Int, _ body: @Sendable (_ share: Int, _ worker: Int) -> Void) {
    if count == 1 || shares <= 1 {
      for share in 0..<shares { body(share, 0) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(count, shares)) { worker in
      while true {
        let share = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if share >= shares { return }
        body(share, worker)
      }
    }
  }
}
