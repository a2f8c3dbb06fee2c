/// An order of 0..<count in which no index stands at its own place, every one equally likely.
///
/// Orders are shuffled until one has no fixed point, which takes e of them on average. The
/// algorithm is frozen: the same stream gives the same order everywhere.
public enum Derangement {
  /// Draws an order.
  ///
  /// - Parameters:
  ///   - count: the number of indices, 2 or more: one alone has no other place.
  ///   - stream: where the draws come from.
  /// - Returns: the index at each place.
  /// - Complexity: O(count) time and memory.
  public static func draw(count: Int, from stream: inout RandomStream) -> [Int] {
    precondition(count > 1, "one index has no other place")
    var order = Array(0..<count)
    repeat {
      for place in stride(from: count - 1, to: 0, by: -1) {
        let other = stream.next().multipliedFullWidth(by: UInt64(place + 1)).high
        order.swapAt(place, Int(other))
      }
    } while order.indices.contains { order[$0] == $0 }
    return order
  }
}
