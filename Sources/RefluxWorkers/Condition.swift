#if canImport(Glibc)
  public import Glibc
#elseif canImport(Musl)
  public import Musl
#else
  public import Darwin
#endif

/// A lock of the system with a condition, for threads that wait for what others do.
@safe
@usableFromInline
package final class Condition: @unchecked Sendable {
  // Safe because: the system's objects are made for many threads, and stay in their places until
  // nobody has this one.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let signal = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Open, with nobody waiting.
  @usableFromInline
  package init() {
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe signal.initialize(to: pthread_cond_t())
    let done = unsafe pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(signal, nil) == 0
    precondition(done, "no room for a lock")
  }

  deinit {
    unsafe pthread_cond_destroy(signal)
    unsafe pthread_mutex_destroy(mutex)
    unsafe signal.deallocate()
    unsafe mutex.deallocate()
  }

  /// Waits until no other thread has the lock, and takes it.
  @usableFromInline
  package func lock() { unsafe pthread_mutex_lock(mutex) }

  /// Gives the lock back.
  @usableFromInline
  package func unlock() { unsafe pthread_mutex_unlock(mutex) }

  /// Wakes everybody who waits.
  @usableFromInline
  package func broadcast() { unsafe pthread_cond_broadcast(signal) }

  /// Gives the lock back until the next broadcast; may wake before it.
  @usableFromInline
  package func wait() { unsafe pthread_cond_wait(signal, mutex) }

  /// The same, but not beyond a moment.
  ///
  /// - Returns: false where the moment is over.
  @usableFromInline
  package func wait(until end: timespec) -> Bool {
    var end = end
    return unsafe pthread_cond_timedwait(signal, mutex, &end) == 0
  }

  /// The moment in so many seconds, by the clock that `wait(until:)` goes by.
  @usableFromInline
  package static func end(in seconds: Double) -> timespec {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    let whole = min(max(seconds, 0), 1e9).rounded(.down)
    let rest = Int((min(max(seconds, 0), 1e9) - whole) * 1e9) + now.tv_nsec
    return timespec(
      tv_sec: now.tv_sec + Int(whole) + rest / 1_000_000_000, tv_nsec: rest % 1_000_000_000)
  }
}
