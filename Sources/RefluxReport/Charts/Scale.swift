/// A linear map from figures to positions along one direction of a drawing.
package struct Scale: Sendable {
  /// The figures that the frame shows; never empty, always finite.
  package let domain: ClosedRange<Double>
  /// Where the lower end of the domain lies, in drawing units.
  package let start: Double
  /// Where the upper end of the domain lies; below `start` for an axis that points up.
  package let end: Double

  /// Makes a scale. A domain that is not finite becomes 0...1; one of no length is widened.
  package init(domain: ClosedRange<Double>, start: Double, end: Double) {
    let lower = domain.lowerBound
    let upper = domain.upperBound
    if !(upper - lower).isFinite {
      self.domain = 0...1
    } else if upper - lower <= max(lower.magnitude, upper.magnitude) * 1e-9 {
      let half = max(lower.magnitude * 0.05, 0.5)
      self.domain = lower - half...upper + half
    } else {
      self.domain = domain
    }
    self.start = start
    self.end = end
  }

  /// The position of `value`, or nothing where it is not finite.
  ///
  /// Figures far outside the domain are kept within a hundred lengths of the frame.
  package func position(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    let length = domain.upperBound - domain.lowerBound
    let share = min(max((value - domain.lowerBound) / length, -100), 100)
    return start + share * (end - start)
  }

  /// The smallest range that holds all finite figures of `values`, `nil` without any.
  package static func extent(of values: some Sequence<Double>) -> ClosedRange<Double>? {
    var extent: ClosedRange<Double>?
    for value in values where value.isFinite {
      let known = extent ?? value...value
      extent = min(known.lowerBound, value)...max(known.upperBound, value)
    }
    return extent
  }
}

/// The marks of an axis.
package struct Ticks: Equatable, Sendable {
  /// Where the marks are, ascending.
  package var values: [Double]
  /// How many decimals tell neighbouring marks apart.
  package var decimals: Int
}

extension Scale {
  /// Marks inside the domain at round steps of 1, 2 or 5 times a power of ten.
  ///
  /// - Parameter limit: the most marks wanted, at least 2. At least one mark is given where a
  ///   round figure lies in the domain.
  package func ticks(limit: Int) -> Ticks {
    let lower = domain.lowerBound
    let upper = domain.upperBound
    var (step, decimals) = Scale.roundStep(above: (upper - lower) / Double(max(limit, 2)) / 2)
    var values = Scale.multiples(of: step, from: lower, through: upper)
    while values.count > max(limit, 2) {
      (step, decimals) = Scale.roundStep(above: step)
      values = Scale.multiples(of: step, from: lower, through: upper)
    }
    return Ticks(values: values, decimals: min(decimals, 6))
  }

  /// The first of 1, 2, 5, 10, ... (or 0.5, 0.2, 0.1, ...) greater than `floor`.
  private static func roundStep(above floor: Double) -> (step: Double, decimals: Int) {
    var power = 1.0
    var decimals = 0
    while power * 10 <= floor { power *= 10 }
    while power > floor, decimals < 300 {
      power /= 10
      decimals += 1
    }
    for factor in [1.0, 2, 5] where power * factor > floor * (1 + 1e-9) {
      return (power * factor, decimals)
    }
    return (power * 10, max(0, decimals - 1))
  }

  private static func multiples(
    of step: Double, from lower: Double, through upper: Double
  ) -> [Double] {
    let slack = 1e-9
    let first = (lower / step - slack).rounded(.up)
    let last = (upper / step + slack).rounded(.down)
    guard first.magnitude < 1e15, last.magnitude < 1e15, first <= last else { return [] }
    guard last - first < 1000 else { return [lower, upper] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }
}
