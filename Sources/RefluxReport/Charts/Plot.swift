/// A frame with two scales and their axes, to be filled with lines and marks.
package struct Plot {
  package var drawing: Drawing
  package let x: Scale
  package let y: Scale

  /// Makes a plot whose frame leaves the given margins free for labels.
  package init(
    drawing: Drawing, x: ClosedRange<Double>, y: ClosedRange<Double>,
    margins: (top: Double, right: Double, bottom: Double, left: Double)
  ) {
    self.drawing = drawing
    self.x = Scale(domain: x, start: margins.left, end: drawing.width - margins.right)
    self.y = Scale(domain: y, start: drawing.height - margins.bottom, end: margins.top)
  }

  /// The position of a pair of figures, or nothing where one is not finite.
  package func point(_ x: Double, _ y: Double) -> Drawing.Point? {
    guard let x = self.x.position(x), let y = self.y.position(y) else { return nil }
    return (x, y)
  }

  /// Draws horizontal grid lines with their figures on the left and a name above them.
  package mutating func leftAxis(name: String, limit: Int = 6) {
    let ticks = y.ticks(limit: limit)
    for value in ticks.values {
      guard let height = y.position(value) else { continue }
      drawing.line(from: (x.start, height), to: (x.end, height), style: "grid")
      drawing.text(
        Figure.typeset(Figure.fixed(value, decimals: ticks.decimals)),
        at: (x.start - 7, height + 4), anchor: "end", style: "tick")
    }
    drawing.text(name, at: (0, y.end - 12), style: "axis-name")
  }

  /// Draws the base line with its marks, their figures in units of `unit`, and a name below.
  ///
  /// - Parameter isBinary: whether positions are logarithms to base 2; marks are their powers.
  package mutating func bottomAxis(
    name: String, unit: Double = 1, limit: Int = 6, isBinary: Bool = false
  ) {
    let scale = Scale(
      domain: x.domain.lowerBound / unit...x.domain.upperBound / unit, start: x.start, end: x.end)
    let ticks = scale.ticks(limit: limit)
    drawing.line(from: (x.start, y.start), to: (x.end, y.start), style: "base")
    for value in ticks.values where !isBinary || value == value.rounded() && value.magnitude < 63 {
      guard let place = scale.position(value) else { continue }
      let figure =
        isBinary
        ? Figure.fixed(Double(1 << Int(value)), decimals: 0)
        : Figure.fixed(value, decimals: ticks.decimals)
      drawing.line(from: (place, y.start), to: (place, y.start + 4), style: "base")
      drawing.text(
        Figure.typeset(figure),
        at: (place, y.start + 18), anchor: "middle", style: "tick")
    }
    drawing.text(name, at: (x.end, y.start + 36), anchor: "end", style: "axis-name")
  }

  /// Draws what `draw` adds, cut off at the frame.
  package mutating func inside(_ draw: (inout Drawing) -> Void) {
    drawing.clipped(
      x: x.start, y: y.end - 1, width: x.end - x.start + 4, height: y.start - y.end + 2,
      draw: draw)
  }
}
