extension Page {
  /// A row of a table: its name with its mark, then the cells.
  struct Row {
    var name: String
    var style: Palette.Style
    var cells: [String]
    var isTeacher = false
  }

  /// A table under a heading; it scrolls sideways inside its own box. Nothing without rows.
  ///
  /// - Parameter headings: that of the names first.
  static func table(
    _ title: String, caption: String, headings: [String], rows: [Row]
  ) -> String {
    if rows.isEmpty { return "" }
    let head = headings.map { Markup.element("th", ["scope": "col"], text: $0) }.joined()
    let table = Markup.element(
      "table",
      inner: Markup.element("caption", text: caption)
        + Markup.element("thead", inner: Markup.element("tr", inner: head))
        + Markup.element("tbody", inner: rows.map(line).joined()))
    let box = Markup.element(
      "div",
      ["class": "scroll", "role": "region", "aria-label": "Table of results", "tabindex": "0"],
      inner: table)
    return Markup.element("section", inner: Markup.element("h2", text: title) + box)
  }

  private static func line(_ row: Row) -> String {
    let mark = Markup.empty(
      "path",
      [
        "class": "mark \(row.style.cssClass)",
        "d": row.style.shape.path(center: (6, 6), radius: 4.5),
      ])
    let swatch =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"swatch\" viewBox=\"0 0 12 12\" "
      + "aria-hidden=\"true\">" + mark + "</svg>"
    let name = Markup.element(
      "th", ["scope": "row"], inner: swatch + Markup.escape(row.name))
    let cells = row.cells.map { Markup.element("td", text: Figure.typeset($0)) }
    let attributes: KeyValuePairs<String, String> = row.isTeacher ? ["class": "teacher"] : [:]
    return Markup.element("tr", attributes, inner: name + cells.joined())
  }
}
