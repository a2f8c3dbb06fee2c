/// The sixteen lower-case digits of a number.
package func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// A number rounded to a fixed count of decimals, the same on every machine and in every locale.
package struct DecimalText {
  /// The digits before the point.
  package let whole: String
  /// Those after it; empty without decimals.
  package let fraction: String
  /// Whether the number is below zero after rounding.
  package let isNegative: Bool

  /// Rounds to nearest, ties away from zero.
  ///
  /// - Parameter decimals: digits after the point, 0 to 18.
  /// - Returns: nil for NaN, and where |value| * 10^decimals is 9e18 or more.
  package init?(_ value: Double, decimals: Int) {
    let unit = (0..<decimals).reduce(1) { unit, _ in 10 * unit }
    let scaled = (value.magnitude * Double(unit)).rounded()
    guard scaled < 9e18 else { return nil }
    let (whole, part) = Int(scaled).quotientAndRemainder(dividingBy: unit)
    self.whole = String(whole)
    let digits = decimals == 0 ? "" : String(part)
    fraction = String(repeating: "0", count: decimals - digits.count) + digits
    isNegative = value < 0 && scaled > 0
  }

  /// `1234567` as `1,234,567`.
  package static func grouped(_ digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
