/// Sizes as bars below each other, each in a track of the same length.
package struct ShareChart {
  package var title: String
  package var identifier: String
  package var parts: [StoreReport.Part]
  /// Whether the track is the sum of all parts; else it is the largest one.
  package var isWhole: Bool

  package init(title: String, identifier: String, parts: [StoreReport.Part], isWhole: Bool) {
    self.title = title
    self.identifier = identifier
    self.isWhole = isWhole
    self.parts = parts.filter { $0.size.isFinite && $0.size > 0 }
  }

  private static let rowHeight = 40.0

  /// The chart as an `svg` element, or nothing without parts.
  package func svg() -> String? {
    guard let largest = parts.map(\.size).max() else { return nil }
    let track = isWhole ? parts.reduce(0) { $0 + $1.size } : largest
    let details = parts.map { "\($0.name): \($0.label)" }.joined(separator: "; ") + "."
    var drawing = Drawing(
      width: 440, height: Double(parts.count) * Self.rowHeight + 4, identifier: identifier,
      title: title, details: details)
    for (index, part) in parts.enumerated() {
      let top = Double(index) * Self.rowHeight
      drawing.text(part.name, at: (0, top + 15), style: "row-name")
      drawing.text(
        part.label, at: (drawing.width, top + 15), anchor: "end", style: "row-value")
      drawing.rectangle(
        x: 0, y: top + 22, width: drawing.width, height: 8, style: "share", tip: nil)
      drawing.rectangle(
        x: 0, y: top + 22, width: max(part.size / track * drawing.width, 1.5), height: 8,
        style: "column s1", tip: "\(part.name): \(part.label)")
    }
    return drawing.svg()
  }
}
