import RefluxReport
import Testing

struct ScaleTests {
  @Test func mapsTheDomainOntoTheRange() {
    let scale = Scale(domain: 2...4, start: 100, end: 0)
    #expect(scale.position(2) == 100)
    #expect(scale.position(3) == 50)
    #expect(scale.position(4) == 0)
    #expect(scale.position(.nan) == nil)
    #expect(scale.position(.infinity) == nil)
    #expect(scale.position(1e300) == -9900)
  }

  @Test func widensWhatHasNoLength() {
    #expect(Scale(domain: 3...3, start: 0, end: 1).domain == 2.5...3.5)
    #expect(Scale(domain: -.infinity...1, start: 0, end: 1).domain == 0...1)
    #expect(Scale(domain: -1.7e308...1.7e308, start: 0, end: 1).domain == 0...1)
  }

  @Test func marksRoundFigures() {
    let scale = Scale(domain: 3.21...4.22, start: 0, end: 1)
    let ticks = scale.ticks(limit: 6)
    #expect(ticks.decimals == 1)
    #expect(
      ticks.values.map { Figure.fixed($0, decimals: 1) } == ["3.4", "3.6", "3.8", "4.0", "4.2"])
    #expect(Scale(domain: 0...2_500_000, start: 0, end: 1).ticks(limit: 6).values.count == 6)
  }

  @Test(arguments: 2...9)
  func marksStayInsideAndApart(limit: Int) {
    var generator = SplitMix(state: 1)
    for exponent in -5...9 {
      var length = 1.0
      for _ in 0..<abs(exponent) { length *= exponent < 0 ? 0.1 : 10 }
      for _ in 0..<50 {
        let lower = Double.random(in: -3...3, using: &generator) * length
        let upper = lower + Double.random(in: 0.5...2, using: &generator) * length
        let ticks = Scale(domain: lower...upper, start: 0, end: 1).ticks(limit: limit)
        #expect(!ticks.values.isEmpty && ticks.values.count <= limit)
        let slack = (upper - lower) * 1e-6
        #expect(ticks.values.allSatisfy { $0 >= lower - slack && $0 <= upper + slack })
        let labels = ticks.values.map { Figure.fixed($0, decimals: ticks.decimals) }
        #expect(Set(labels).count == labels.count, "\(lower)...\(upper): \(labels)")
      }
    }
  }

  @Test func extentSkipsWhatIsNotFinite() {
    #expect(Scale.extent(of: [.nan, 2, .infinity, -1]) == -1...2)
    #expect(Scale.extent(of: [Double.nan]) == nil)
  }
}
