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
