import Foundation
import RefluxReport
import Testing

/// The page about a store.
struct StoreReportTests {
  private static func report(_ figure: Double = 3, text: String = "a.rfx") -> StoreReport {
    StoreReport(
      title: text, subtitle: text, highlights: [.init("10.8", text)],
      parts: [
        .init(name: "header", size: 1, label: text), .init(name: text, size: figure, label: "3 B"),
      ],
      charts: [
        .init(
          title: "Ids", caption: text, axisName: "ids", countName: "sets",
          columns: [
            .init(from: 0.5, to: 1.5, height: 2, label: text),
            .init(from: 1.5, to: 2.5, height: figure, label: "two"),
          ])
      ],
      ranks: [.init(name: "id 7", size: 9, label: "9 · 3 %")], facts: [Fact("Teacher", text)])
  }

  private func read(_ report: StoreReport) throws -> [PageReader.Element] {
    try #require(PageReader.elements(of: report.html()))
  }

  @Test func hasEveryPart() throws {
    let elements = try read(Self.report())
    #expect(elements.filter { $0.name == "h1" }.map(\.text) == ["a.rfx"])
    #expect(
      elements.filter { $0.name == "h3" }.map(\.text) == [
        "Ids", "Most frequent ids", "What takes the bytes",
      ])
    #expect(elements.filter { $0.name == "strong" }.map(\.text) == ["10.8"])
    #expect(elements.filter { $0.name == "dd" }.map(\.text) == ["a.rfx"])
    #expect(elements.filter { $0.name == "svg" }.count == 3)
    let identifiers = elements.compactMap { $0.attributes["id"] }
    #expect(Set(identifiers).count == identifiers.count)
  }

  /// A bar of a part is as long as its share of the whole.
  @Test func drawsSharesOfTheWhole() throws {
    let chart = ShareChart(
      title: "t", identifier: "i",
      parts: [.init(name: "a", size: 1, label: "1"), .init(name: "b", size: 3, label: "3")],
      isWhole: true)
    let svg = try #require(chart.svg())
    #expect(svg.contains("class=\"column s1\" x=\"0\" y=\"22\" width=\"110\""))
    #expect(svg.contains("class=\"column s1\" x=\"0\" y=\"62\" width=\"330\""))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 0, 1e-300])
  func survivesEveryFigure(_ figure: Double) throws {
    let coordinates: Set = ["d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "viewBox"]
    for (key, value) in try read(Self.report(figure)).flatMap(\.attributes)
    where coordinates.contains(key) {
      let lower = value.lowercased()
      #expect(!lower.contains("n") && !lower.contains("e"), "\(key)=\(value)")
    }
  }

  @Test func escapesEveryText() throws {
    let bad = "</title></style></svg><script>alert(\"1\")</script>&amp;'\u{0}|"
    let elements = try read(Self.report(text: bad))
    #expect(!elements.contains { $0.name == "script" })
    #expect(elements.first { $0.name == "h1" }?.text == bad.replacing("\u{0}", with: "\u{FFFD}"))
  }

  @Test func leavesOutWhatIsMissing() throws {
    let elements = try read(StoreReport(title: "Empty"))
    #expect(!elements.contains { ["h2", "svg", "ul", "dl"].contains($0.name) })
    let flat = StoreReport(
      title: "Flat",
      charts: [
        .init(
          title: "None", caption: "", axisName: "", countName: "",
          columns: [.init(from: 0, to: 1, height: 0, label: "")])
      ])
    #expect(!(try read(flat)).contains { $0.name == "svg" })
  }
}
