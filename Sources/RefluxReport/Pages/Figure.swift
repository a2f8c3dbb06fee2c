internal import RefluxBytes

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
    guard value.magnitude < 1e12, let text = DecimalText(value, decimals: decimals) else {
      return "\(value)"
    }
    let whole = DecimalText.grouped(text.whole)
    let number = text.fraction.isEmpty ? whole : whole + "." + text.fraction
    return text.isNegative ? "-" + number : number
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
    guard value.magnitude < 1e9, let text = DecimalText(value, decimals: 2) else { return "0" }
    var fraction = text.fraction
    while fraction.last == "0" { fraction.removeLast() }
    let number = fraction.isEmpty ? text.whole : text.whole + "." + fraction
    return text.isNegative && number != "0" ? "-" + number : number
  }

  /// Replaces the hyphen of negative numbers by a minus sign, for pages rather than terminals.
  package static func typeset(_ number: String) -> String {
    number.hasPrefix("-") ? "\u{2212}" + number.dropFirst() : number
  }
}
