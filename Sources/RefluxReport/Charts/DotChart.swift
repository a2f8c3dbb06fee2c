/// One figure of several methods on a common scale, with lines through the methods of reference.
package struct DotChart {
  /// One method.
  package struct Row {
    package var name: String
    package var value: Double
    /// The value as text, with its unit.
    package var label: String
    /// Whether a line through this row's value runs down the chart.
    package var isReference: Bool
  }

  package var title: String
  package var identifier: String
  package var rows: [Row]
  package var palette: Palette
  /// Whether the scale starts at zero, with a bar from there to each dot.
  package var startsAtZero: Bool
  package var axisName: String

  package init(
    title: String, identifier: String, axisName: String, rows: [Row], palette: Palette,
    startsAtZero: Bool
  ) {
    self.title = title
    self.identifier = identifier
    self.axisName = axisName
    self.rows = rows.filter(\.value.isFinite)
    self.palette = palette
    self.startsAtZero = startsAtZero
  }

  private static let rowHeight = 46.0
  private static let nameHeight = 14.0
  private static let trackHeight = 27.0

  /// The chart as an `svg` element, or nothing where no row has a finite value.
  package func svg() -> String? {
    guard let extent = Scale.extent(of: rows.map(\.value)) else { return nil }
    let height = Double(rows.count) * DotChart.rowHeight + 40
    let details = rows.map { "\($0.name): \($0.label)" }.joined(separator: "; ") + "."
    var plot = Plot(
      drawing: Drawing(
        width: 340, height: height, identifier: identifier, title: title, details: details),
      x: domain(for: extent), y: 0...1, margins: (top: 0, right: 6, bottom: 46, left: 6))
    plot.bottomAxis(name: axisName, limit: 6)
    drawReferences(in: &plot)
    for (index, row) in rows.enumerated() {
      draw(row, top: Double(index) * DotChart.rowHeight, in: &plot)
    }
    return plot.drawing.svg()
  }

  private func domain(for extent: ClosedRange<Double>) -> ClosedRange<Double> {
    let lower = startsAtZero ? min(0, extent.lowerBound) : extent.lowerBound
    let room = (extent.upperBound - lower) * 0.06
    return (startsAtZero ? lower : lower - room)...extent.upperBound + room
  }

  private func drawReferences(in plot: inout Plot) {
    for row in rows where row.isReference {
      guard let place = plot.x.position(row.value) else { continue }
      plot.drawing.line(
        from: (place, DotChart.trackHeight), to: (place, plot.y.start),
        style: "reference \(palette[row.name].cssClass)")
    }
  }

  private func draw(_ row: Row, top: Double, in plot: inout Plot) {
    guard let place = plot.x.position(row.value) else { return }
    let style = palette[row.name]
    let track = top + DotChart.trackHeight
    plot.drawing.line(from: (plot.x.start, track), to: (plot.x.end, track), style: "grid")
    if startsAtZero, let zero = plot.x.position(0) {
      plot.drawing.line(from: (zero, track), to: (place, track), style: "bar \(style.cssClass)")
    }
    plot.drawing.mark(
      style.shape, at: (place, track), radius: 5.5, style: "mark \(style.cssClass)",
      tip: "\(row.name): \(row.label)")
    let name = row.name.count > 28 ? row.name.prefix(27) + "…" : row.name
    plot.drawing.text(name, at: (plot.x.start, top + DotChart.nameHeight), style: "row-name")
    plot.drawing.text(
      row.label, at: (plot.x.end, top + DotChart.nameHeight), anchor: "end", style: "row-value")
  }
}
