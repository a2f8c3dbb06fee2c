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
