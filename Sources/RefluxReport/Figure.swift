/// Numbers as text, the same on every machine and in every locale.
package enum Figure {
  /// What stands where there is no figure.
  package static let dash = "–"

  /// `value` with a fixed number of decimals, thousands separated by commas.
  ///
  /// - Parameters:
  ///   - value: `nil`, NaN and infinities give `dash`; 1e12 and above are printed as Swift does.
  ///   - decimals: digits after the point, 0 to 6.
  package static func fixed(_ value: Double?, decimals: Int) -> String {
    guard let value, value.isFinite else { return dash }
    guard value.magnitude < 1e12 else { return "\(value)" }
    let (text, isNegative) = digits(of: value, decimals: decimals)
    let whole = grouped(text.whole)
    let number = text.fraction.isEmpty ? whole : whole + "." + text.fraction
    return isNegative ? "-" + number : number
  }

  /// A percentage with its sign, or a dash alone.
  package static func percent(_ value: Double?, decimals: Int) -> String {
    let number = fixed(value, decimals: decimals)
    return number == dash ? dash : number + "\u{00A0}%"
  }

  /// A position in a drawing: at most two decimals, without trailing zeros.
  ///
  /// What no drawing can hold (NaN, infinities, 1e9 and above) becomes 0, so that no path breaks.
  package static func coordinate(_ value: Double) -> String {
    guard value.magnitude < 1e9 else { return "0" }
    let (text, isNegative) = digits(of: value, decimals: 2)
    var fraction = text.fraction
    while fraction.last == "0" { fraction.removeLast() }
    let number = fraction.isEmpty ? text.whole : text.whole + "." + fraction
    return isNegative && number != "0" ? "-" + number : number
  }

  /// Replaces the hyphen of negative numbers by a minus sign, for pages rather than terminals.
  package static func typeset(_ number: String) -> String {
    number.hasPrefix("-") ? "\u{2212}" + number.dropFirst() : number
  }

  private static func digits(
    of value: Double, decimals: Int
  ) -> (text: (whole: String, fraction: String), isNegative: Bool) {
    let unit = powersOfTen[decimals]
    let scaled = UInt64((value.magnitude * Double(unit)).rounded())
    let fraction = decimals == 0 ? "" : "\(scaled % unit)"
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return (("\(scaled / unit)", zeros + fraction), value < 0 && scaled != 0)
  }

  private static let powersOfTen: [UInt64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

  private static func grouped(_ digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
