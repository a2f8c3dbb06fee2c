internal import RefluxBytes

/// Text and elements of a page that is well-formed both as HTML and as XML.
package enum Markup {
  /// `text` as character data or attribute value.
  ///
  /// The five characters with a meaning are escaped; what XML forbids altogether (control
  /// characters other than tab and line ends, U+FFFE, U+FFFF) becomes U+FFFD, and what has no
  /// picture is written as an escape.
  package static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      case _ where ForeignText.isHidden(scalar): result += ForeignText.shown(String(scalar))
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// An element around markup that is already escaped.
  package static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], inner: String
  ) -> String {
    "<\(name)\(list(attributes))>\(inner)</\(name)>"
  }

  /// An element around plain text, which is escaped here.
  package static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String
  ) -> String {
    element(name, attributes, inner: escape(text))
  }

  /// An element without content, closed as XML wants it (for void and SVG elements only).
  package static func empty(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:]
  ) -> String {
    "<\(name)\(list(attributes))/>"
  }

  private static func list(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0)=\"\(escape($1))\"" }.joined()
  }
}
