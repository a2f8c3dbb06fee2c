/// Stops a feed from any thread.
public struct FeedCanceller: Sendable {
  let ring: Ring

  /// Ends all lanes, those that read after the batch they are at; a consumer that waits, and every
  /// later one that finds no batch ready, gets `cancelled`.
  public func cancel() { ring.cancel() }
}
