import Foundation
import RefluxReport
import RefluxTargets
import Testing

/// The page as an independent parser reads it.
struct PageTests {
  private func read(
    _ report: QuickstartReport, _ location: SourceLocation = #_sourceLocation
  ) throws -> [PageReader.Element] {
    try #require(PageReader.elements(of: report.html()), sourceLocation: location)
  }

  @Test func hasEveryPartInOrder() throws {
    let elements = try read(Samples.full)
    #expect(elements.filter { $0.name == "h1" }.map(\.text) == ["Quickstart"])
    #expect(
      elements.filter { $0.name == "h2" }.map(\.text) == [
        "Results", "Against CE and FullKD", "In the course of training",
        "Confidence and accuracy", "Notes", "What the figures mean", "The run",
      ])
    #expect(
      elements.filter { $0.name == "h3" }.map(\.text) == [
        "LM loss", "Calibration error", "Speculative acceptance", "Held-out loss",
        "Training loss", "Teacher", "CE", "Top-12", "RS-KD", "FullKD",
      ])
    #expect(
      elements.filter { $0.name == "strong" }.map(\.text) == [
        "77\u{A0}%", "2.6\u{A0}%", "69.1\u{A0}%", "57.3\u{A0}B",
      ])
  }

  @Test func tableHasHeadingsWithScope() throws {
    let elements = try read(Samples.full)
    let headings = elements.filter { $0.name == "th" }
    #expect(headings.filter { $0.attributes["scope"] == "col" }.count == 10)
    #expect(
      headings.filter { $0.attributes["scope"] == "row" }.map(\.text) == [
        "Teacher", "CE", "Top-12", "RS-KD", "FullKD",
      ])
    #expect(elements.filter { $0.name == "td" }.count == 5 * 9)
    #expect(elements.filter { $0.name == "caption" }.count == 1)
  }

  @Test func drawingsAreNamedAndIdentifiersUnique() throws {
    let elements = try read(Samples.full)
    let identifiers = elements.compactMap { $0.attributes["id"] }
    #expect(Set(identifiers).count == identifiers.count)
    let drawings = elements.filter { $0.name == "svg" && $0.attributes["aria-hidden"] == nil }
    #expect(drawings.count == 10)
    for drawing in drawings {
      let names = try #require(drawing.attributes["aria-labelledby"]).split(separator: " ")
      #expect(names.count == 2 && names.allSatisfy { identifiers.contains(String($0)) })
      #expect(drawing.attributes["role"] == "img")
    }
  }

  @Test func needsNothingFromOutside() throws {
    let page = Samples.full.html()
    let elements = try read(Samples.full)
    let loading: Set = ["script", "link", "img", "iframe", "object", "embed", "image", "use"]
    #expect(!elements.contains { loading.contains($0.name) })
    #expect(!elements.contains { $0.attributes["src"] != nil || $0.attributes["href"] != nil })
    #expect(!page.contains("@import") && !page.contains("@font-face"))
    let addresses = elements.flatMap(\.attributes).filter { $0.value.contains("://") }
    #expect(addresses.allSatisfy { $0.key == "xmlns" })
    let references = page.components(separatedBy: "url(").dropFirst()
    #expect(!references.isEmpty && references.allSatisfy { $0.hasPrefix("#") })
  }

  @Test func escapesEveryText() throws {
    let bad = "</title></style></svg><script>alert(\"1\")</script>&amp;'\u{0}\u{1B}|"
    let report = QuickstartReport(
      title: bad, subtitle: bad, facts: [Fact(bad, bad)],
      rows: [
        Samples.student(bad, .rskd, loss: 3, gap: 1, error: 1, acceptance: 1, cache: 1),
        Samples.student(bad + "2", .ce, loss: 2, gap: 1, error: 1, acceptance: 1),
      ],
      heldOutCurves: [Samples.curve(bad, end: 3, count: 5)],
      trainingCurves: [Samples.curve(bad, end: 3, count: 5)],
      reliability: [Samples.diagram(bad)], notes: [bad])
    let elements = try read(report)
    #expect(!elements.contains { $0.name == "script" })
    let shown = "</title></style></svg><script>alert(\"1\")</script>&amp;'\u{FFFD}\u{FFFD}|"
    #expect(elements.filter { $0.name == "h1" }.map(\.text) == [shown])
    #expect(elements.filter { $0.name == "dt" }.contains { $0.text == shown })
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 0, 1e-300])
  func survivesEveryFigure(_ figure: Double) throws {
    var report = Samples.full
    report.rows[3] = MethodRow(
      method: "RS-KD", objective: .rskd, lmLoss: figure, perplexity: figure, gapPercent: figure,
      ecePercent: figure, acceptancePercent: figure, topOnePercent: figure,
      tokensPerSecond: figure, dataWaitPercent: figure, cacheBytesPerToken: figure)
    report.heldOutCurves[3].points[4].loss = figure
    report.trainingCurves[3].points[499].loss = figure
    report.reliability[3].bins[2] = .init(confidence: figure, accuracy: figure, weight: figure)
    report.reliability[3].bins[4].weight = figure
    let elements = try read(report)
    let coordinates: Set = ["d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "viewBox"]
    for (key, value) in elements.flatMap(\.attributes) where coordinates.contains(key) {
      let lower = value.lowercased()
      #expect(!lower.contains("n") && !lower.contains("e"), "\(key)=\(value)")
    }
    if !figure.isFinite {
      let cells = elements.filter { $0.name == "td" }.map(\.text)
      #expect(cells[27..<36].allSatisfy { $0 == "–" })
      #expect(!elements.contains { $0.name == "strong" })
    }
  }

  @Test func leavesOutWhatIsMissing() throws {
    let elements = try read(QuickstartReport(title: "Empty"))
    #expect(elements.filter { $0.name == "h1" }.map(\.text) == ["Empty"])
    #expect(!elements.contains { ["h2", "table", "svg", "ul", "dl"].contains($0.name) })
  }

  @Test func drawsNoEmptyCharts() throws {
    let report = QuickstartReport(
      title: "Nothing to draw", rows: [MethodRow(method: "CE", objective: .ce, lmLoss: .nan)],
      heldOutCurves: [LossCurve(name: "CE", points: [])],
      trainingCurves: [LossCurve(name: "CE", points: [.init(tokens: 0, loss: .nan)])],
      reliability: [ReliabilityDiagram(name: "CE", bins: [], ecePercent: nil)])
    let elements = try read(report)
    #expect(elements.filter { $0.name == "h3" }.map(\.text) == ["CE"])
  }

  @Test(arguments: [1, 2, 7, 8, 60])
  func takesAnyNumberOfRows(_ count: Int) throws {
    let elements = try read(Samples.many(count))
    #expect(elements.filter { $0.attributes["scope"] == "row" }.count == count)
    let marks = elements.filter { $0.attributes["class"]?.hasPrefix("mark s") == true }
    #expect(marks.count == 4 * count)
  }

  @Test func equalReportsGiveEqualBytes() {
    #expect(Samples.full.html() == Samples.full.html())
    var other = Samples.full
    other.rows[1].lmLoss += 0.001
    #expect(Samples.full.html() != other.html())
  }

  @Test func staysSmallOverLongRuns() {
    var report = Samples.full
    report.trainingCurves = report.rows.map {
      Samples.curve($0.method, end: $0.lmLoss, count: 50_000)
    }
    #expect(report.html().utf8.count < 120_000)
  }
}
