import RefluxBytes
import Testing

@testable import reflux

/// Numbers and bars as people see them.
@Suite struct SharedPartsTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"),
    (-1000, "-1,000"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func groupsDigits(value: Int, text: String) {
    #expect(Quantity.grouped(value) == text)
  }

  @Test(arguments: [
    (0, "0"), (1, "1"), (12.5, "12.5"), (0.012344, "0.01234"), (99.999, "100"),
    (1234.4, "1,234"), (-2.5, "-2.5"), (Double.nan, "-"), (1e-7, "1e-07"), (123.456, "123.5"),
  ])
  func writesDecimals(value: Double, text: String) {
    #expect(Quantity.decimal(value) == text)
  }

  @Test(arguments: [
    (0, "bytes", "0 B"), (999, "bytes", "999 B"), (1000, "bytes", "1.0 kB"),
    (12_345_678, "bytes", "12.3 MB"), (2e9, "bytes", "2.0 GB"), (812, "steps", "812 steps"),
    (9999, "steps", "9999 steps"), (12_345, "tokens", "12.3 k tokens"),
    (3_400_000, "tokens", "3.4 M tokens"), (0.25, "steps", "0.3 steps"),
    (Double.infinity, "steps", "- steps"),
  ])
  func scalesCounts(value: Double, unit: String, text: String) {
    #expect(Quantity.scaled(value, unit: unit) == text)
  }

  @Test(arguments: [
    (0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (3723, "1:02:03"),
    (Double.nan, "-:--"), (-1, "-:--"),
  ])
  func writesDurations(seconds: Double, text: String) {
    #expect(Quantity.duration(seconds) == text)
  }

  @Test(arguments: [
    ("4GiB", 4 << 30), ("64KiB", 65_536), ("500MB", 500_000_000), ("1.5k", 1500), ("17", 17),
    ("2gib", 2 << 30),
  ])
  func readsSizes(text: String, bytes: Int) {
    #expect(ByteSize(argument: text)?.bytes == bytes)
  }

  @Test(arguments: ["", "GiB", "4XiB", "-1", "1..2", "99999999TiB", "1 GiB"])
  func refusesSizes(text: String) {
    #expect(ByteSize(argument: text) == nil)
  }

  private func figures(count: Int, total: Int?, seconds: Double = 2) -> ProgressFigures {
    ProgressFigures(
      stage: "tokenize", unit: "bytes", total: total, start: 0, count: count, seconds: seconds,
      note: "")
  }

  @Test func showsABarWithCountPercentRateAndTimeLeft() {
    let bar = figures(count: 5_000_000, total: 20_000_000).bar(width: 80)
    let figures = "5.0 MB of 20.0 MB  25%  2.5 MB/s  0:06 left"
    #expect(bar == "tokenize [#####------------------] " + figures)
    #expect(bar.count == 78)
  }

  @Test func fitsTheTerminal() {
    for width in 0...200 {
      let bar = figures(count: 5_000_000, total: 20_000_000).bar(width: width)
      #expect(bar.count <= max(0, width - 1), "at width \(width)")
    }
  }

  @Test func countsGiveWayToWhatTheVerbSays() {
    var figures = figures(count: 5_000_000, total: 20_000_000)
    figures.note = "loss 3.21, data wait 0.1%, held-out 3.4"
    #expect(
      figures.bar(width: 80)
        == "tokenize  25%  2.5 MB/s  0:06 left  loss 3.21, data wait 0.1%, held-out 3.4")
    #expect(figures.bar(width: 100).hasPrefix("tokenize  5.0 MB of 20.0 MB  25%"))
  }

  @Test func showsFiguresWithoutATotal() {
    #expect(figures(count: 5_000_000, total: nil).line == "tokenize: 5.0 MB, 2.5 MB/s")
  }

  @Test func survivesNoTimeNoTotalAndTooMuch() {
    #expect(figures(count: 0, total: 0, seconds: 0).share == 1)
    #expect(figures(count: 9, total: 3).share == 1)
    #expect(figures(count: 0, total: 3, seconds: 0).line.hasSuffix("0 B/s, -:-- left"))
  }

  @Test func leavesOutResumedWorkFromTheRate() {
    var figures = figures(count: 300, total: 500)
    figures.start = 200
    #expect(figures.rate == 50)
  }
}
