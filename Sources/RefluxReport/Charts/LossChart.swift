/// Losses, or another figure, over training tokens, one line per method, named at their ends.
package struct LossChart {
  package var title: String
  package var identifier: String
  package var curves: [LossCurve]
  package var palette: Palette
  /// Whether every measurement gets a mark (few points) or only the line is drawn (many).
  package var hasMarks: Bool
  /// What the curves are, where they are no losses: the axis then starts at zero and shows all.
  package var quantity: Quantity?

  /// A quantity other than a loss.
  package struct Quantity: Sendable {
    /// Its unit, over the axis.
    package var axisName: String
    /// What it is, in the description.
    package var noun: String
    /// Digits after the point.
    package var decimals: Int
  }

  package init(
    title: String, identifier: String, curves: [LossCurve], palette: Palette, hasMarks: Bool
  ) {
    self.title = title
    self.identifier = identifier
    self.curves = curves
    self.palette = palette
    self.hasMarks = hasMarks
  }

  /// The chart as an `svg` element, or nothing where no curve has a finite loss.
  package func svg() -> String? {
    guard let heights = shownLosses else { return nil }
    var plot = Plot(
      drawing: Drawing(
        width: 460, height: 330, identifier: identifier, title: title, details: details),
      x: 0...Double(lastTokens), y: heights,
      margins: (top: 26, right: labelRoom, bottom: 44, left: quantity == nil ? 40 : 58))
    let unit = LossChart.unit(for: lastTokens)
    plot.leftAxis(name: quantity?.axisName ?? "nats per token")
    plot.bottomAxis(name: "training tokens, \(unit.name)", unit: unit.size)
    draw(in: &plot, unit: unit)
    label(&plot)
    return plot.drawing.svg()
  }

  /// The loss above which the chart is cut off, or nothing where all of it is shown.
  package var cutoff: Double? {
    guard let shown = shownLosses, let all = Scale.extent(of: losses(from: 0)) else { return nil }
    return all.upperBound > shown.upperBound ? shown.upperBound : nil
  }

  /// The losses to show: those after the first tenth of each run, and of them the ones not far
  /// above where the curves end, but four fifths of every curve; all of them where that would cut
  /// off little.
  ///
  /// The first steps fall from log(vocabulary) and would press all that matters into a corner.
  private var shownLosses: ClosedRange<Double>? {
    guard let all = Scale.extent(of: losses(from: 0)) else { return nil }
    if quantity != nil { return 0...(all.upperBound > 0 ? all.upperBound * 1.05 : 1e-3) }
    let late = Scale.extent(of: losses(from: 0.1)) ?? all
    let ends = Scale.extent(of: curves.compactMap(LossChart.end).map(\.loss)) ?? late
    let room = max(0.4, (ends.upperBound - ends.lowerBound) * 0.6)
    let most = curves.compactMap(LossChart.mostOf).max() ?? ends.upperBound
    let top = min(late.upperBound, max(ends.upperBound + room, most))
    let upper = all.upperBound - all.lowerBound < 2 * (top - all.lowerBound) ? nil : top
    let bottom = all.lowerBound - ((upper ?? all.upperBound) - all.lowerBound) * 0.05
    return bottom...max(upper ?? all.upperBound, bottom)
  }

  /// The loss that four fifths of a curve's measurements do not exceed.
  private static func mostOf(_ curve: LossCurve) -> Double? {
    let sorted = curve.points.map(\.loss).filter(\.isFinite).sorted()
    return sorted.isEmpty ? nil : sorted[(sorted.count * 4 + 4) / 5 - 1]
  }

  private func losses(from share: Double) -> [Double] {
    curves.flatMap { curve in
      let last = Double(curve.points.last?.tokens ?? 0)
      return curve.points.filter { Double($0.tokens) >= share * last }.map(\.loss)
    }
  }

  private var lastTokens: Int {
    max(1, curves.compactMap { $0.points.map(\.tokens).max() }.max() ?? 1)
  }

  private static func end(of curve: LossCurve) -> LossCurve.Point? {
    curve.points.last { $0.loss.isFinite }
  }

  private var labelRoom: Double {
    let longest = curves.map { shortName($0.name).count }.max() ?? 0
    return 24 + 7.4 * Double(longest)
  }

  private func shortName(_ name: String) -> String {
    name.count > 16 ? name.prefix(15) + "…" : name
  }

  private var decimals: Int { quantity?.decimals ?? 3 }

  private var details: String {
    let ends = curves.compactMap { curve in
      LossChart.end(of: curve).map {
        "\(curve.name) ends at \(Figure.fixed($0.loss, decimals: decimals))"
      }
    }
    let noun = (quantity?.noun ?? "loss").capitalizedFirst
    return "\(noun) over training tokens. " + ends.joined(separator: "; ") + "."
  }

  private func draw(in plot: inout Plot, unit: (name: String, size: Double)) {
    let copy = plot
    plot.inside { drawing in
      for curve in curves {
        drawing.path(
          through: curve.points.map { copy.point(Double($0.tokens), $0.loss) },
          style: "line \(palette[curve.name].cssClass)")
      }
    }
    for curve in curves where hasMarks || curve.points.count == 1 {
      mark(curve, in: &plot, unit: unit)
    }
  }

  /// Marks the measurements inside the frame, each of them whole.
  private func mark(
    _ curve: LossCurve, in plot: inout Plot, unit: (name: String, size: Double)
  ) {
    let style = palette[curve.name]
    for point in curve.points {
      guard let place = plot.point(Double(point.tokens), point.loss), place.y >= plot.y.end - 0.5
      else { continue }
      let tokens = Figure.fixed(Double(point.tokens) / unit.size, decimals: 2)
      let loss = Figure.fixed(point.loss, decimals: decimals)
      plot.drawing.mark(
        style.shape, at: place, radius: 3, style: "mark \(style.cssClass)",
        tip: "\(curve.name): \(loss) after \(tokens) \(unit.name)")
    }
  }

  /// Names each line at its end, with a thin connection where the name had to move; none from a
  /// line that ends far from the names, as those would cross the other lines.
  private func label(_ plot: inout Plot) {
    let ends = curves.compactMap { curve in
      LossChart.end(of: curve).flatMap { end in
        plot.point(Double(end.tokens), end.loss).map { (name: curve.name, place: $0) }
      }
    }
    let wanted = ends.map { min(max($0.place.y, plot.y.end), plot.y.start) }
    // Names stay above the axis, whose own figures are below it.
    let heights = LabelColumn.spread(wanted, spacing: 16, bottom: plot.y.start - 6)
    let nearest = plot.x.end - (plot.x.end - plot.x.start) / 3
    for (index, end) in ends.enumerated() {
      let style = palette[end.name].cssClass
      if end.place.x >= nearest {
        plot.drawing.line(
          from: (end.place.x + 5, wanted[index]), to: (plot.x.end + 16, heights[index]),
          style: "leader \(style)")
      }
      plot.drawing.text(
        shortName(end.name), at: (plot.x.end + 20, heights[index] + 4), style: "name \(style)")
    }
  }

  private static func unit(for tokens: Int) -> (name: String, size: Double) {
    if tokens >= 1_000_000_000 { return ("billions", 1e9) }
    if tokens >= 1_000_000 { return ("millions", 1e6) }
    if tokens >= 10_000 { return ("thousands", 1e3) }
    return ("count", 1)
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension LossChart {
  /// The losses on text that is not trained on, with a mark for each where they are few.
  static func heldOut(_ curves: [LossCurve], _ palette: Palette) -> LossChart {
    LossChart(
      title: "Held-out loss", identifier: "chart-held-out",
      curves: curves.map { $0.thinned(limit: 240) }, palette: palette,
      hasMarks: curves.allSatisfy { $0.points.count <= 40 })
  }

  /// The losses of the steps, smoothed.
  static func training(_ curves: [LossCurve], _ palette: Palette) -> LossChart {
    LossChart(
      title: "Training loss", identifier: "chart-training", curves: curves.map { $0.smoothed() },
      palette: palette, hasMarks: false)
  }
}

/// Places labels below each other so that none overlap.
package enum LabelColumn {
  /// Heights near the wanted ones, in the same order as given, at least `spacing` apart.
  ///
  /// Labels are pushed down in order of height, then up again from `bottom`; where there are more
  /// labels than room they leave through the top.
  ///
  /// - Complexity: O(n log n).
  package static func spread(_ wanted: [Double], spacing: Double, bottom: Double) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var heights = wanted
    var last = -Double.infinity
    for index in order {
      heights[index] = max(wanted[index], last + spacing)
      last = heights[index]
    }
    var ceiling = bottom
    for index in order.reversed() {
      heights[index] = min(heights[index], ceiling)
      ceiling = heights[index] - spacing
    }
    return heights
  }
}
