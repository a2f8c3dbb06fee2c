import Foundation
import RefluxReport
import Testing

/// The page that compares runs.
struct RunReportTests {
  private static func report(
    _ names: [String] = ["ce", "rskd"], figure: Double = 3
  ) -> RunReport {
    var report = RunReport(title: "Runs", subtitle: "Two.", facts: [Fact("Teacher", names[0])])
    for name in names {
      report.rows.append(
        RunRow(
          name: name, steps: 100, tokens: 6_400, loss: figure, heldOutLoss: figure,
          bestHeldOutLoss: 2.9, ecePercent: 1.25, tokensPerSecond: 12_345, dataWaitPercent: 0.1,
          seconds: 90))
      report.heldOutCurves.append(Samples.curve(name, end: 3, count: 5))
      report.trainingCurves.append(Samples.curve(name, end: 3, count: 100))
      report.learningRateCurves.append(Samples.curve(name, end: 0.0003, count: 100))
      report.gradientNormCurves.append(Samples.curve(name, end: 0.5, count: 100))
      report.rateCurves.append(Samples.curve(name, end: 12_345, count: 100))
      report.waitCurves.append(Samples.curve(name, end: 0.1, count: 100))
      report.reliability.append(Samples.diagram(name))
    }
    return report
  }

  private func read(_ report: RunReport) throws -> [PageReader.Element] {
    try #require(PageReader.elements(of: report.html()))
  }

  @Test func hasEveryPartInOrder() throws {
    let elements = try read(Self.report())
    #expect(
      elements.filter { $0.name == "h2" }.map(\.text) == [
        "Runs", "Loss", "Steps", "Speed", "Confidence and accuracy", "Figures",
      ])
    #expect(
      elements.filter { $0.name == "h3" }.map(\.text) == [
        "Held-out loss", "Training loss", "Learning rate", "Gradient norm", "Rate", "Data wait",
        "ce", "rskd",
      ])
    #expect(
      elements.filter { $0.name == "td" }.prefix(9).map(\.text) == [
        "3.000", "2.900", "3.000", "100", "6,400", "1.3", "12,345", "0.1", "1.5",
      ])
    let identifiers = elements.compactMap { $0.attributes["id"] }
    #expect(Set(identifiers).count == identifiers.count && identifiers.count > 10)
    let details = elements.filter { $0.name == "desc" }.map(\.text)
    #expect(details.contains { $0.hasPrefix("Rate over training tokens. ce ends at ") })
  }

  /// A row for each run and a column for each setting; nothing where all were equal.
  @Test func showsWhatWasSetDifferently() throws {
    var report = Self.report()
    report.differences = [
      .init("learning rate", ["0.001", "0.002"]), .init("<seed>", ["0", "1"]),
    ]
    let elements = try read(report)
    #expect(
      elements.filter { $0.name == "h2" }.map(\.text).prefix(3) == ["Runs", "Settings", "Loss"])
    let heads = elements.filter { $0.name == "th" && $0.attributes["scope"] == "col" }.map(\.text)
    #expect(heads.suffix(3) == ["Run", "learning rate", "<seed>"])
    let cells = elements.filter { $0.name == "td" }.map(\.text)
    #expect(cells.suffix(4) == ["0.001", "0", "0.002", "1"])
  }

  /// Rates start at zero, however little they change.
  @Test func speedsStartAtZero() throws {
    let texts = try read(Self.report()).filter { $0.name == "text" }.map(\.text)
    let unit = try #require(texts.firstIndex(of: "tokens per second"))
    let before = Array(texts[..<unit])
    #expect(before.last { $0 == "0" } != nil && texts.contains("% of the time"))
  }

  /// A chart of nothing but zeros says no more than its caption would.
  @Test func runsThatNeverWaitedHaveNoChartOfIt() throws {
    var report = Self.report()
    for run in report.waitCurves.indices {
      for point in report.waitCurves[run].points.indices {
        report.waitCurves[run].points[point].loss = 0.004
      }
    }
    #expect(try !read(report).contains { $0.text == "Data wait" })
    report.waitCurves[1].points[7].loss = 0.005
    #expect(try read(report).contains { $0.text == "Data wait" })
  }

  @Test(arguments: [Double.nan, .infinity, -1e300, 1e300, 0])
  func survivesEveryFigure(figure: Double) throws {
    var report = Self.report(figure: figure)
    report.rateCurves[0].points[3].loss = figure
    report.heldOutCurves[1].points[4].loss = figure
    report.rows[0].seconds = figure
    let elements = try read(report)
    let coordinates: Set = ["d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "viewBox"]
    for (key, value) in elements.flatMap(\.attributes) where coordinates.contains(key) {
      let lower = value.lowercased()
      #expect(!lower.contains("n") && !lower.contains("e"), "\(key)=\(value)")
    }
  }

  @Test func escapesNamesAndLeavesOutWhatIsMissing() throws {
    let bad = "<script>alert(1)</script>&\""
    let elements = try read(Self.report([bad, "b"]))
    #expect(!elements.contains { $0.name == "script" })
    #expect(elements.contains { $0.name == "th" && $0.text == bad })
    let empty = try read(RunReport(title: "Empty"))
    #expect(!empty.contains { ["h2", "table", "svg", "dl"].contains($0.name) })
  }

  @Test func pageIsSmall() {
    #expect(Self.report().html().utf8.count < 120_000)
  }
}
