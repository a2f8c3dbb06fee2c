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
