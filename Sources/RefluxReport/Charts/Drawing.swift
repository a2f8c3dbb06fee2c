/// An SVG drawing under construction: a few shapes, all coordinates finite, all text escaped.
///
/// Looks come from CSS classes of the page (`StyleSheet`), so that one drawing serves light, dark
/// and paper. The drawing has a title and a description for readers who cannot see it.
package struct Drawing: Sendable {
  /// A position in drawing units, y pointing down.
  package typealias Point = (x: Double, y: Double)

  package let width: Double
  package let height: Double
  /// Unique on the page: prefixes the identifiers inside the drawing.
  package let identifier: String
  private let title: String
  private let details: String
  private var body = ""

  package init(
    width: Double, height: Double, identifier: String, title: String, details: String
  ) {
    self.width = width
    self.height = height
    self.identifier = identifier
    self.title = title
    self.details = details
  }

  /// The finished drawing as an `svg` element.
  package func svg() -> String {
    let size = "0 0 \(Figure.coordinate(width)) \(Figure.coordinate(height))"
    let head =
      Markup.element("title", ["id": identifier + "-title"], text: title)
      + Markup.element("desc", ["id": identifier + "-desc"], text: details)
    return Markup.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": size, "role": "img",
        "aria-labelledby": "\(identifier)-title \(identifier)-desc",
      ], inner: head + body)
  }

  /// A straight line.
  package mutating func line(from start: Point, to end: Point, style: String) {
    body += Markup.empty(
      "line",
      [
        "class": style, "x1": Figure.coordinate(start.x), "y1": Figure.coordinate(start.y),
        "x2": Figure.coordinate(end.x), "y2": Figure.coordinate(end.y),
      ])
  }

  /// A line through `points`, interrupted where a point is missing; nothing without two in a row.
  package mutating func path(through points: [Point?], style: String) {
    var data = ""
    for run in points.split(whereSeparator: { $0 == nil }) where run.count > 1 {
      let steps = run.compactMap { point in
        point.map { "\(Figure.coordinate($0.x)) \(Figure.coordinate($0.y))" }
      }
      data += "M" + steps.joined(separator: "L")
    }
    if !data.isEmpty { body += Markup.empty("path", ["class": style, "d": data]) }
  }

  /// A rectangle of non-negative width and height; `tip` is shown by browsers when the pointer
  /// rests on it.
  package mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, style: String, tip: String? = nil
  ) {
    let attributes: KeyValuePairs = [
      "class": style, "x": Figure.coordinate(x), "y": Figure.coordinate(y),
      "width": Figure.coordinate(max(0, width)), "height": Figure.coordinate(max(0, height)),
    ]
    body +=
      tip.map { Markup.element("rect", attributes, inner: Markup.element("title", text: $0)) }
      ?? Markup.empty("rect", attributes)
  }

  /// A mark of the given shape; `tip` is shown by browsers when the pointer rests on it.
  package mutating func mark(
    _ shape: MarkShape, at center: Point, radius: Double, style: String, tip: String
  ) {
    let data = shape.path(center: center, radius: radius)
    body += Markup.element(
      "path", ["class": style, "d": data], inner: Markup.element("title", text: tip))
  }

  /// A line of text; `anchor` is `start`, `middle` or `end`.
  package mutating func text(
    _ text: String, at point: Point, anchor: String = "start", style: String
  ) {
    body += Markup.element(
      "text",
      [
        "class": style, "x": Figure.coordinate(point.x), "y": Figure.coordinate(point.y),
        "text-anchor": anchor,
      ], text: text)
  }

  /// Draws with everything outside of a rectangle cut off.
  package mutating func clipped(
    x: Double, y: Double, width: Double, height: Double, draw: (inout Drawing) -> Void
  ) {
    let clip = identifier + "-clip"
    body += "<clipPath id=\"\(Markup.escape(clip))\">"
    rectangle(x: x, y: y, width: width, height: height, style: "")
    body += "</clipPath><g clip-path=\"url(#\(Markup.escape(clip)))\">"
    draw(&self)
    body += "</g>"
  }
}
