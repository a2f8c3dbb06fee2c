extension QuickstartReport {
  /// The results as lines of text for a terminal, columns aligned, each line ended.
  ///
  /// The first line holds the headings, the second a rule. Columns without any figure are left
  /// out; a missing figure is a dash.
  public func table() -> String {
    let cells = tableCells()
    let widths = columnWidths(of: cells)
    var lines = cells.map { aligned($0, widths: widths).joined(separator: "  ") }
    lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), at: 1)
    return lines.map { $0 + "\n" }.joined()
  }

  /// The results as a Markdown table, also aligned in its source, each line ended.
  ///
  /// Bars in method names are escaped.
  public func markdownTable() -> String {
    let cells = tableCells().map { row in row.map(escapedForMarkdown) }
    let widths = columnWidths(of: cells)
    var lines = cells.map { "| " + aligned($0, widths: widths).joined(separator: " | ") + " |" }
    let rule = widths.enumerated().map { index, width in
      index == 0
        ? String(repeating: "-", count: width + 2)
        : String(repeating: "-", count: width + 1) + ":"
    }
    lines.insert("|" + rule.joined(separator: "|") + "|", at: 1)
    return lines.map { $0 + "\n" }.joined()
  }

  private func tableCells() -> [[String]] {
    let columns = Column.columns(for: rows)
    return [["method"] + columns.map(\.heading)]
      + rows.map { row in [oneLine(row.method)] + columns.map { $0.text(of: row) } }
  }

  private func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  private func escapedForMarkdown(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private func columnWidths(of cells: [[String]]) -> [Int] {
    cells[0].indices.map { column in max(3, cells.map { $0[column].count }.max() ?? 0) }
  }

  private func aligned(_ cells: [String], widths: [Int]) -> [String] {
    zip(cells, widths).enumerated().map { index, cell in
      let room = String(repeating: " ", count: cell.1 - cell.0.count)
      return index == 0 ? cell.0 + room : room + cell.0
    }
  }
}
