extension QuickstartReport {
  /// The table of results as a section of the page; it scrolls sideways inside its own box.
  func resultSection() -> String {
    guard !rows.isEmpty else { return "" }
    let columns = Column.columns(for: rows)
    let palette = palette
    let headings = ["method"] + columns.map(\.heading)
    let head = headings.map { Markup.element("th", ["scope": "col"], text: $0) }.joined()
    let body = rows.map { resultRow($0, columns: columns, palette: palette) }.joined()
    let table = Markup.element(
      "table",
      inner: Markup.element("caption", text: "Figures on held-out text, one row per model")
        + Markup.element("thead", inner: Markup.element("tr", inner: head))
        + Markup.element("tbody", inner: body))
    let box = Markup.element(
      "div",
      ["class": "scroll", "role": "region", "aria-label": "Table of results", "tabindex": "0"],
      inner: table)
    return Markup.element("section", inner: Markup.element("h2", text: "Results") + box)
  }

  private func resultRow(_ row: MethodRow, columns: [Column], palette: Palette) -> String {
    let style = palette[row.method]
    let swatch =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"swatch\" viewBox=\"0 0 12 12\" "
      + "aria-hidden=\"true\">"
      + Markup.empty(
        "path",
        [
          "class": "mark \(style.cssClass)",
          "d": style.shape.path(center: (6, 6), radius: 4.5),
        ]) + "</svg>"
    let name = Markup.element(
      "th", ["scope": "row"], inner: swatch + Markup.escape(row.method))
    let cells = columns.map { column in
      Markup.element("td", text: Figure.typeset(column.text(of: row)))
    }
    let attributes: KeyValuePairs<String, String> = row.isTeacher ? ["class": "teacher"] : [:]
    return Markup.element("tr", attributes, inner: name + cells.joined())
  }
}
