/// Accuracy over confidence of one model: marks on the diagonal mean a calibrated model.
///
/// Each mark is a bin, its area the bin's share of the text; the thin line to the diagonal is the
/// bin's part of the calibration error. The bars along the base repeat the shares.
package struct ReliabilityChart {
  package var diagram: ReliabilityDiagram
  package var identifier: String
  package var palette: Palette

  package init(diagram: ReliabilityDiagram, identifier: String, palette: Palette) {
    self.diagram = diagram
    self.identifier = identifier
    self.palette = palette
  }

  /// The bins that can be drawn: weight above zero, figures finite.
  private var bins: [ReliabilityDiagram.Bin] {
    diagram.bins.filter {
      $0.weight > 0 && $0.weight.isFinite && $0.confidence.isFinite && $0.accuracy.isFinite
    }
  }

  /// The chart as an `svg` element; the frame alone where there are no bins.
  package func svg() -> String {
    let title = "Reliability of \(diagram.name)"
    let error = Figure.percent(diagram.ecePercent, decimals: 1)
    var plot = Plot(
      drawing: Drawing(
        width: 220, height: 222, identifier: identifier, title: title,
        details: "Accuracy over confidence in \(bins.count) bins. "
          + "Expected calibration error: \(error)."),
      x: 0...1, y: 0...1, margins: (top: 8, right: 8, bottom: 26, left: 30))
    drawFrame(in: &plot)
    let total = bins.reduce(0) { $0 + $1.weight }
    let largest = bins.map(\.weight).max() ?? 1
    for bin in bins { drawShare(of: bin, largest: largest, in: &plot) }
    for bin in bins { draw(bin, total: total, largest: largest, in: &plot) }
    return plot.drawing.svg()
  }

  private func drawFrame(in plot: inout Plot) {
    let (left, right, top, bottom) = (plot.x.start, plot.x.end, plot.y.end, plot.y.start)
    plot.drawing.rectangle(
      x: left, y: top, width: right - left, height: bottom - top, style: "frame")
    plot.drawing.line(from: (left, bottom), to: (right, top), style: "diagonal")
    for (share, text) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
      let place = left + share * (right - left)
      let height = bottom + share * (top - bottom)
      let anchor = share == 0 ? "start" : share == 1 ? "end" : "middle"
      plot.drawing.text(text, at: (place, bottom + 16), anchor: anchor, style: "tick")
      plot.drawing.text(text, at: (left - 6, height + 4), anchor: "end", style: "tick")
    }
  }

  private func drawShare(
    of bin: ReliabilityDiagram.Bin, largest: Double, in plot: inout Plot
  ) {
    guard let place = plot.point(bin.confidence, 0) else { return }
    let height = 26 * bin.weight / largest
    plot.drawing.rectangle(
      x: place.x - 3, y: place.y - height, width: 6, height: height, style: "share")
  }

  private func draw(
    _ bin: ReliabilityDiagram.Bin, total: Double, largest: Double, in plot: inout Plot
  ) {
    guard let place = plot.point(bin.confidence, bin.accuracy),
      let diagonal = plot.y.position(bin.confidence)
    else { return }
    let style = palette[diagram.name].cssClass
    plot.drawing.line(from: place, to: (place.x, diagonal), style: "miss \(style)")
    let share = Figure.percent(bin.weight / total * 100, decimals: 1)
    plot.drawing.mark(
      .circle, at: place, radius: 2 + 4.5 * (bin.weight / largest).squareRoot(),
      style: "bubble \(style)",
      tip: "confidence \(Figure.fixed(bin.confidence, decimals: 2)), "
        + "accuracy \(Figure.fixed(bin.accuracy, decimals: 2)), \(share) of the text")
  }
}

/// How often a model is right at each confidence: the figures behind its calibration error.
public struct ReliabilityDiagram: Equatable, Sendable {
  /// One bin of confidence.
  public struct Bin: Equatable, Sendable {
    /// Mean probability of the most probable token over the positions of the bin, 0 to 1.
    public var confidence: Double
    /// Share of those positions whose most probable token is the right one, 0 to 1.
    public var accuracy: Double
    /// How much of the text the bin holds: a count or a share; only the ratio between bins matters.
    public var weight: Double

    /// Makes a bin.
    public init(confidence: Double, accuracy: Double, weight: Double) {
      self.confidence = confidence
      self.accuracy = accuracy
      self.weight = weight
    }
  }

  /// The name of the method, as in `MethodRow.method`: equal names share a colour.
  public var name: String
  /// The bins in ascending order of confidence. Bins of no weight are not drawn.
  public var bins: [Bin]
  /// Expected calibration error over these bins, in percent.
  public var ecePercent: Double?

  /// Makes a diagram.
  public init(name: String, bins: [Bin], ecePercent: Double?) {
    self.name = name
    self.bins = bins
    self.ecePercent = ecePercent
  }
}
