/// How numbers look to people.
package enum Quantity {
  /// 1234567 as `1,234,567`.
  package static func grouped(_ value: Int) -> String {
    (value < 0 ? "-" : "") + DecimalText.grouped(String(value.magnitude))
  }

  /// Four significant digits at most below 10,000 and whole numbers above: `0.01234`, `12.5`.
  package static func decimal(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    if value == 0 { return "0" }
    let size = value.magnitude
    if size >= 1000, size < 1e15 { return grouped(Int(value.rounded())) }
    if size < 1e-4 || size >= 1e15 { return value.description }
    let places = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : size >= 0.1 ? 4 : 5
    return trimmed(fixed(value, places: places))
  }

  /// `value` with exactly `places` digits after the point, rounded to nearest.
  /// `|value| * 10^places` must be below 2^63; others come out as their shortest form.
  package static func fixed(_ value: Double, places: Int) -> String {
    guard let text = DecimalText(value, decimals: places) else { return value.description }
    let sign = text.isNegative ? "-" : ""
    return sign + text.whole + (places == 0 ? "" : "." + text.fraction)
  }

  /// `12.3 MB` for bytes, `12.3 M tokens` for others from 10,000 on; `812 steps` below.
  package static func scaled(_ value: Double, unit: String) -> String {
    guard value.isFinite else { return "- " + unit }
    let isBytes = unit == "bytes"
    let steps = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (isBytes ? 1e3 : 1e4, "k")]
    if let (size, letter) = steps.first(where: { value >= $0.0 }) {
      let number = fixed(value / (letter == "k" ? 1e3 : size), places: 1)
      return number + " " + letter + (isBytes ? "B" : " " + unit)
    }
    let places = value < 10 && value != value.rounded() ? 1 : 0
    return fixed(value, places: places) + (isBytes ? " B" : " " + unit)
  }

  /// Seconds as `0:07`, `12:30` or `1:02:03`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 3.6e8 else { return "-:--" }
    let whole = Int(seconds.rounded())
    let (minutes, rest) = whole.quotientAndRemainder(dividingBy: 60)
    if minutes < 60 { return "\(minutes):\(padded(rest))" }
    return "\(minutes / 60):\(padded(minutes % 60)):\(padded(rest))"
  }

  /// A duration, or days from two of them on: `2.35 days`.
  package static func time(_ seconds: Double) -> String {
    let days = seconds / 86_400
    return days < 2 ? duration(seconds) : decimal(days) + " days"
  }

  private static func padded(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }

  /// Without the zeros at the end of the fraction.
  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = Substring(text)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return String(text)
  }
}
