/// Text from a file, or a name from a folder, as messages and tables show it.
///
/// What the eye cannot see is written as an escape: control characters, marks that turn the
/// direction of writing or end a line (U+202E, U+2028), and everything else that has no picture of
/// its own. So no file can break a line, drive a terminal, or show another name than it has.
public enum ForeignText {
  /// The most characters of a foreign text in a message.
  public static let limit = 100

  /// The whole text, with escapes.
  public static func shown(_ text: some StringProtocol) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      if isHidden(scalar) { shown += escape(scalar) } else { shown.unicodeScalars.append(scalar) }
    }
    return shown
  }

  /// The text as `shown`, cut after ``limit`` characters; costs no more for a longer one.
  public static func excerpt(_ text: some StringProtocol) -> String {
    var rest = text.unicodeScalars.makeIterator()
    var start = String.UnicodeScalarView()
    for _ in 0..<limit {
      guard let scalar = rest.next() else { return shown(text) }
      start.append(scalar)
    }
    return shown(String(start)) + (rest.next() == nil ? "" : "...")
  }

  /// Whether a character has no picture.
  public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return properties.isDefaultIgnorableCodePoint && !isVariation(scalar)
    }
  }

  /// Selectors of a character's form, which emoji have.
  private static func isVariation(_ scalar: Unicode.Scalar) -> Bool {
    (0xFE00...0xFE0F).contains(scalar.value)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
  }
}

extension DefaultStringInterpolation {
  /// Appends an excerpt of a text that comes from a file; see ``ForeignText``.
  public mutating func appendInterpolation(foreign text: some StringProtocol) {
    appendInterpolation(ForeignText.excerpt(text))
  }
}
