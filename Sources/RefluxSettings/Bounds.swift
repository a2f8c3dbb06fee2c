/// Which values of a type a setting may have, with the words that say so.
public struct Bounds<Value: Sendable>: Sendable {
  /// What follows the type: ` of 0 to 1`; nil where there is nothing to say.
  let text: String?
  let contains: @Sendable (Value) -> Bool

  /// No bounds.
  public static var any: Bounds { Bounds(text: nil) { _ in true } }
}

extension Bounds where Value: Comparable {
  /// From the lower to the upper one, both included.
  public static func within(_ range: ClosedRange<Value>) -> Bounds {
    Bounds(text: " of \(shown(range.lowerBound)) to \(shown(range.upperBound))") {
      range.contains($0)
    }
  }

  /// From the lower to the upper one, the upper one left out.
  public static func within(_ range: Range<Value>) -> Bounds {
    Bounds(text: " of \(shown(range.lowerBound)) to below \(shown(range.upperBound))") {
      range.contains($0)
    }
  }

  /// This or more.
  public static func atLeast(_ least: Value) -> Bounds {
    Bounds(text: " of \(shown(least)) or more") { $0 >= least }
  }

  /// More than this.
  public static func above(_ bound: Value) -> Bounds {
    Bounds(text: " above \(shown(bound))") { $0 > bound }
  }

  /// More than the one and at most the other.
  public static func above(_ bound: Value, to most: Value) -> Bounds {
    Bounds(text: " above \(shown(bound)), at most \(shown(most))") { $0 > bound && $0 <= most }
  }
}

/// `1`, not `1.0`.
private func shown(_ value: some Any) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
