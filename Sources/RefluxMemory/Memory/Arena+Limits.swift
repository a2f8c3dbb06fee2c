internal import Synchronization

/// What arenas are going to take, and what happens where the system has no more.
extension Arena {
  /// Adds up what the arenas that `body` makes would take, without taking it.
  ///
  /// Views of such arenas have sizes but no memory: objects that `body` makes may be made and
  /// dropped, but must not run. So one layout serves the measure and the work.
  ///
  /// - Throws: what `body` throws.
  /// - Complexity: that of `body`, without its memory.
  public static func measure<Failure: Error>(
    _ body: () throws(Failure) -> Void
  ) throws(Failure) -> MemoryNeed {
    let sum = ArenaMeter()
    var failure: Failure?
    $meter.withValue(sum) {
      do throws(Failure) { try body() } catch { failure = error }
    }
    if let failure { throw failure }
    return sum.need
  }

  /// Says what to do when the system gives no more memory: nothing can continue from there, so a
  /// program reports it and ends. Without it, and in libraries, an arena traps.
  ///
  /// - Parameter handler: gets the bytes that were asked for.
  public static func onExhaustion(_ handler: @escaping @Sendable (_ bytes: Int) -> Never) {
    exhaustion.withLock { $0 = handler }
  }

  static func exhausted(_ bytes: Int) -> Never {
    if let handler = exhaustion.withLock({ $0 }) { handler(bytes) }
    preconditionFailure("out of memory for an arena")
  }

  private static let exhaustion = Mutex<(@Sendable (Int) -> Never)?>(nil)
}

/// The sum of what the arenas of a measure would take.
final class ArenaMeter: Sendable {
  private let sum = Mutex(MemoryNeed())

  var need: MemoryNeed { sum.withLock { $0 } }

  func add(bytes: Int = 0, addressBytes: Int = 0) {
    sum.withLock { $0 += MemoryNeed(bytes: bytes, addressBytes: addressBytes) }
  }
}

/// Memory that arenas take.
public struct MemoryNeed: Sendable, Equatable {
  /// Bytes handed out: the most that is ever written to.
  public var bytes: Int
  /// Bytes of address space, which is mapped by blocks.
  public var addressBytes: Int

  /// A need of so many bytes; of as much address space unless told otherwise.
  public init(bytes: Int = 0, addressBytes: Int? = nil) {
    self.bytes = bytes
    self.addressBytes = addressBytes ?? bytes
  }

  /// Both needs at once.
  public static func + (a: MemoryNeed, b: MemoryNeed) -> MemoryNeed {
    MemoryNeed(bytes: a.bytes + b.bytes, addressBytes: a.addressBytes + b.addressBytes)
  }

  /// Adds another need.
  public static func += (sum: inout MemoryNeed, other: MemoryNeed) { sum = sum + other }
}
