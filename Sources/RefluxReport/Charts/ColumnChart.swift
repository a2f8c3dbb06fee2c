/// Columns over a number: how often something came out.
package struct ColumnChart {
  package var title: String
  package var identifier: String
  package var axisName: String
  package var countName: String
  package var columns: [StoreReport.Column]
  /// Whether columns stand at logarithms to base 2.
  package var isBinary = false

  package init(
    title: String, identifier: String, axisName: String, countName: String,
    columns: [StoreReport.Column]
  ) {
    self.title = title
    self.identifier = identifier
    self.axisName = axisName
    self.countName = countName
    self.columns = columns.filter {
      $0.from.isFinite && $0.to.isFinite && $0.from < $0.to && $0.height.isFinite
        && $0.height >= 0
    }
  }

  /// The chart as an `svg` element, or nothing without a column that is higher than zero.
  package func svg() -> String? {
    guard let low = columns.map(\.from).min(), let high = columns.map(\.to).max(),
      let top = columns.map(\.height).max(), top > 0
    else { return nil }
    let peak = columns.first { $0.height == top }.map { $0.label } ?? ""
    var plot = Plot(
      drawing: Drawing(
        width: 560, height: 300, identifier: identifier, title: title,
        details: "\(columns.count) columns of \(countName) over \(axisName); highest: \(peak)."),
      x: low...high, y: 0...top * 1.04, margins: (top: 30, right: 8, bottom: 46, left: 56))
    plot.leftAxis(name: countName, limit: 5)
    for column in columns { draw(column, in: &plot) }
    plot.bottomAxis(name: axisName, limit: 8, isBinary: isBinary)
    return plot.drawing.svg()
  }

  private func draw(_ column: StoreReport.Column, in plot: inout Plot) {
    guard column.height > 0, let left = plot.x.position(column.from),
      let right = plot.x.position(column.to), let top = plot.y.position(column.height)
    else { return }
    let gap = min(1.5, (right - left) * 0.12)
    // What is there shall be seen, however little it is.
    let height = max(plot.y.start - top, 1)
    plot.drawing.rectangle(
      x: left + gap / 2, y: plot.y.start - height, width: right - left - gap, height: height,
      style: "column s1", tip: column.label)
  }
}
