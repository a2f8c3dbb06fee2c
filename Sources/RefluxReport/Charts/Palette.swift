/// Colours and marks by name, the same in every chart of a page.
///
/// Seven colours that stay apart under the common kinds of colour blindness, with four shapes of
/// marks; from the eighth name on, colours repeat with dashed lines. Teachers are grey.
package struct Palette: Sendable {
  /// The looks of one series.
  package struct Style: Equatable, Sendable {
    /// CSS classes that set the colour (and the dashes): `"s3"`, `"s1 dashed"`.
    package var cssClass: String
    package var shape: MarkShape
  }

  private var styles: [String: Style] = [:]

  /// Gives out colours in the order of `names`; names of `teachers` are grey.
  package init(names: [String], teachers: Set<String>) {
    var next = 0
    for name in names where styles[name] == nil {
      if teachers.contains(name) {
        styles[name] = Style(cssClass: "s0", shape: .circle)
      } else {
        let dashes = next < 7 ? "" : " dashed"
        let shapes = MarkShape.allCases
        styles[name] = Style(
          cssClass: "s\(next % 7 + 1)\(dashes)", shape: shapes[next % shapes.count])
        next += 1
      }
    }
  }

  /// The style of `name`; names that were not announced are grey.
  package subscript(name: String) -> Style {
    styles[name] ?? Style(cssClass: "s0", shape: .circle)
  }
}

/// Shapes that stay apart without colour.
package enum MarkShape: CaseIterable, Sendable {
  case circle, square, diamond, triangle

  /// The outline as SVG path data. All shapes of one radius look about equally heavy.
  package func path(center: Drawing.Point, radius: Double) -> String {
    let corners: [Drawing.Point]
    switch self {
    case .circle: return circle(center: center, radius: radius)
    case .square:
      let half = radius * 0.89
      corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    case .diamond:
      let half = radius * 1.25
      corners = [(0, -half), (half, 0), (0, half), (-half, 0)]
    case .triangle:
      corners = [
        (0, -radius * 1.3), (radius * 1.2, radius * 0.8), (-radius * 1.2, radius * 0.8),
      ]
    }
    let steps = corners.map {
      "\(Figure.coordinate(center.x + $0.x)) \(Figure.coordinate(center.y + $0.y))"
    }
    return "M" + steps.joined(separator: "L") + "Z"
  }

  private func circle(center: Drawing.Point, radius: Double) -> String {
    let size = Figure.coordinate(radius)
    let across = Figure.coordinate(2 * radius)
    let start = "M\(Figure.coordinate(center.x - radius)) \(Figure.coordinate(center.y))"
    return start + "a\(size) \(size) 0 1 0 \(across) 0a\(size) \(size) 0 1 0 -\(across) 0Z"
  }
}
