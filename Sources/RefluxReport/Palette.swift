/// Colours and marks by name, the same in every chart of a page.
///
/// Seven colours that stay apart under the common kinds of colour blindness, with four shapes of
/// marks; from the eighth name on, colours repeat with dashed lines. Teachers are grey.
package struct Palette: Sendable {
  /// The looks of one series.
  package struct Style: Equatable, Sendable {
    /// CSS classes that set the colour (and the dashes): `"s3"`, `"s1 dashed"`.
    package var cssClass: String
    package var shape: MarkShape
  }

  private var styles: [String: Style] = [:]

  /// Gives out colours in the order of `names`; names of `teachers` are grey.
  package init(names: [String], teachers: Set<String>) {
    var next = 0
    for name in names where styles[name] == nil {
      if teachers.contains(name) {
        styles[name] = Style(cssClass: "s0", shape: .circle)
      } else {
        let dashes = next < 7 ? "" : " dashed"
        let shapes = MarkShape.allCases
        styles[name] = Style(
          cssClass: "s\(next % 7 + 1)\(dashes)", shape: shapes[next % shapes.count])
        next += 1
      }
    }
  }

  /// The style of `name`; names that were not announced are grey.
  package subscript(name: String) -> Style {
    styles[name] ?? Style(cssClass: "s0", shape: .circle)
  }
}
