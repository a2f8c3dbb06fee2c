extension QuickstartReport {
  /// The table of results as a section of the page.
  func resultSection() -> String {
    let columns = Column.columns(for: rows)
    let palette = palette
    return Page.table(
      "Results", caption: "Figures on held-out text, one row per model",
      headings: ["method"] + columns.map(\.heading),
      rows: rows.map { row in
        Page.Row(
          name: row.method, style: palette[row.method], cells: columns.map { $0.text(of: row) },
          isTeacher: row.isTeacher)
      })
  }
}
