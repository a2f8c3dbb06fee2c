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
