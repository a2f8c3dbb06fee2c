/// Which numbers an option takes.
public enum NumberRange: Sendable, Equatable {
  /// Both ends included.
  case within(ClosedRange<Double>)
  /// The upper end left out.
  case below(Range<Double>)
  /// Above the first, at most the second.
  case above(Double, to: Double)

  /// Whether a finite number is in the range.
  public func contains(_ value: Double) -> Bool {
    switch self {
    case .within(let range): range.contains(value)
    case .below(let range): range.contains(value)
    case .above(let bound, let most): value > bound && value <= most
    }
  }

  /// `a number of 0 to 1`.
  public var text: String {
    func shown(_ value: Double) -> String { OptionValue.number(value).description }
    return switch self {
    case .within(let range):
      "a number of \(shown(range.lowerBound)) to \(shown(range.upperBound))"
    case .below(let range):
      "a number of \(shown(range.lowerBound)) to below \(shown(range.upperBound))"
    case .above(let bound, let most): "a number above \(shown(bound)), at most \(shown(most))"
    }
  }
}
