import RefluxReport
import Testing

struct ChartTests {
  @Test func smoothingIsARunningMean() {
    let points = (0..<120).map { LossCurve.Point(tokens: $0, loss: Double($0)) }
    var curve = LossCurve(name: "a", points: points)
    let smooth = curve.smoothed().points
    #expect(smooth.map(\.tokens) == points.map(\.tokens))
    #expect(abs(smooth[60].loss - 60) < 1e-9)
    #expect(abs(smooth[0].loss - 1.5) < 1e-9)
    #expect(abs(smooth[119].loss - 117.5) < 1e-9)
    curve.points[60].loss = .nan
    let broken = curve.smoothed().points
    #expect(broken[60].loss.isNaN)
    #expect(abs(broken[61].loss - (58 + 59 + 61 + 62 + 63 + 64) / 6.0) < 1e-9)
  }

  @Test func shortCurvesStayAsTheyAre() {
    let curve = Samples.curve("a", end: 3, count: 20)
    #expect(
      curve.smoothed() == curve
        || zip(curve.smoothed().points, curve.points).allSatisfy {
          abs($0.loss - $1.loss) < 1e-9
        })
    #expect(LossCurve(name: "", points: []).smoothed().points.isEmpty)
  }

  @Test func thinningKeepsBothEnds() {
    let curve = Samples.curve("a", end: 3, count: 1001)
    let thin = curve.thinned(limit: 100)
    #expect(thin.points.count == 100)
    #expect(thin.points.first == curve.points.first && thin.points.last == curve.points.last)
  }

  @Test func labelsNeverOverlap() {
    var generator = SplitMix(state: 1)
    for count in 0...12 {
      let wanted = (0..<count).map { _ in Double.random(in: 0...200, using: &generator) }
      let heights = LabelColumn.spread(wanted, spacing: 16, bottom: 200)
      let sorted = heights.sorted()
      #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 > 16 - 1e-9 })
      #expect(heights.allSatisfy { $0 <= 200 + 1e-9 })
      let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
      #expect(zip(order, order.dropFirst()).allSatisfy { heights[$0] < heights[$1] })
    }
    #expect(LabelColumn.spread([50, 90], spacing: 16, bottom: 200) == [50, 90])
  }

  @Test func cutsOffTheStartOfTrainingOnlyWhereItDominates() {
    let palette = Palette(names: ["a"], teachers: [])
    func cutoff(_ losses: [Double]) -> Double? {
      let points = losses.enumerated().map { LossCurve.Point(tokens: $0 * 100, loss: $1) }
      return LossChart(
        title: "", identifier: "i", curves: [LossCurve(name: "a", points: points)],
        palette: palette, hasMarks: true
      ).cutoff
    }
    #expect(cutoff([4.0, 3.9, 3.8, 3.7]) == nil)
    let cut = cutoff([8.3, 5.0, 4.2, 4.0, 3.9, 3.8, 3.7, 3.65, 3.6, 3.55, 3.5, 3.5])
    #expect(cut.map { $0 > 3.5 && $0 < 5 } == true)
    #expect(cutoff([]) == nil)
  }

  private func marked(_ curves: [LossCurve]) -> LossChart {
    LossChart(
      title: "", identifier: "i", curves: curves,
      palette: Palette(names: curves.map(\.name), teachers: []), hasMarks: true)
  }

  /// The first of a few marks lies at the top of the frame: it is drawn whole, not cut by it.
  @Test func marksAreDrawnWhole() throws {
    let curve = LossCurve(
      name: "a", points: [.init(tokens: 10, loss: 4), .init(tokens: 20, loss: 3)])
    let svg = try #require(
      marked([curve]).svg())
    let clipped = try #require(svg.firstMatch(of: /<g clip-path.*?<\/g>/)).0
    #expect(clipped.contains("class=\"line s1\"") && !clipped.contains("class=\"mark"))
    #expect(svg.matches(of: /class="mark s1"/).count == 2)
  }

  /// A mark above the frame would float over the page.
  @Test func marksOutsideTheFrameAreNotDrawn() throws {
    let losses = [8.3, 5.0, 4.2, 4.0, 3.9, 3.8, 3.7, 3.65, 3.6, 3.55, 3.5, 3.5]
    let points = losses.enumerated().map { LossCurve.Point(tokens: $0 * 100, loss: $1) }
    let chart = marked([LossCurve(name: "a", points: points)])
    let cutoff = try #require(chart.cutoff)
    let shown = losses.count { $0 <= cutoff }
    #expect(try #require(chart.svg()).matches(of: /class="mark/).count == shown)
  }

  /// The worse of two runs is what a comparison is for: four fifths of it are in the frame.
  @Test func showsMostOfEveryCurve() throws {
    func curve(_ name: String, _ loss: (Double) -> Double) -> LossCurve {
      LossCurve(
        name: name,
        points: (1...100).map { .init(tokens: $0 * 100, loss: loss(Double($0) / 100)) })
    }
    let good = curve("good") { 3.5 + 5 * (1 - $0) * (1 - $0) * (1 - $0) * (1 - $0) }
    let bad = curve("bad") { $0 < 0.7 ? 7.5 - $0 : 6.8 - 11 * ($0 - 0.7) }
    let chart = LossChart(
      title: "", identifier: "i", curves: [good, bad],
      palette: Palette(names: ["good", "bad"], teachers: []), hasMarks: false)
    let top = chart.cutoff ?? .infinity
    for curve in [good, bad] { #expect(curve.points.count { $0.loss <= top } >= 80, "\(top)") }
  }

  /// Names stand above the axis, whose figures are below it.
  @Test func noNameSlidesUnderTheAxis() throws {
    let curves = (0..<6).map { run in
      LossCurve(
        name: "run \(run)",
        points: [.init(tokens: 10, loss: 9), .init(tokens: 20, loss: 3 + Double(run) / 100)])
    }
    let svg = try #require(
      marked(curves).svg())
    let names = svg.matches(of: /class="name[^>]* y="([0-9.]+)"/).compactMap { Double($0.1) }
    let axis = try #require(
      svg.firstMatch(of: /<line class="base"[^>]* y1="([0-9.]+)"/).flatMap { Double($0.1) })
    #expect(names.count == 6 && names.allSatisfy { $0 < axis }, "\(names) \(axis)")
  }

  /// Columns at logarithms are labelled by what they are the logarithms of.
  @Test func logarithmsShowTheirPowers() throws {
    var chart = ColumnChart(
      title: "t", identifier: "i", axisName: "tokens", countName: "documents",
      columns: (4..<7).map {
        .init(from: Double($0), to: Double($0 + 1), height: 3, label: "\($0)")
      })
    chart.isBinary = true
    let svg = try #require(chart.svg())
    let ticks = svg.matches(of: /class="tick"[^>]*text-anchor="middle">([^<]*)</).map { $0.1 }
    #expect(ticks == ["16", "32", "64", "128"])
  }

  @Test func pathsBreakAtMissingPoints() {
    var drawing = Drawing(width: 10, height: 10, identifier: "i", title: "t", details: "d")
    drawing.path(through: [nil, (1, 1), (2, 2), nil, (3, 3), nil, (4, 4), (5, 5.5)], style: "line")
    #expect(drawing.svg().contains("d=\"M1 1L2 2M4 4L5 5.5\""))
    drawing.path(through: [(1, 1)], style: "lonely")
    #expect(!drawing.svg().contains("lonely"))
  }

  @Test func coloursFollowNamesAndRepeatDashed() {
    let names = (0..<9).map { "m\($0)" }
    let palette = Palette(names: ["Teacher"] + names, teachers: ["Teacher"])
    #expect(palette["Teacher"].cssClass == "s0")
    #expect(
      names.map { palette[$0].cssClass } == (1...7).map { "s\($0)" } + ["s1 dashed", "s2 dashed"])
    #expect(Set(names.map { "\(palette[$0])" }).count == 9)
    #expect(palette["unknown"].cssClass == "s0")
  }
}
