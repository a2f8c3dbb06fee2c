import Foundation
import RefluxReport
import Testing

struct FigureTests {
  @Test(arguments: 0...6)
  func agreesWithTheSystemsFormatter(decimals: Int) {
    var generator = SplitMix(state: 1)
    for magnitude in [0.001, 1, 50, 1234, 9e5, 8e7] {
      for _ in 0..<200 {
        let value = Double.random(in: -magnitude...magnitude, using: &generator)
        let text = Figure.fixed(value, decimals: decimals)
        let parsed = Double(text.filter { $0 != "," })
        let expected = Double(String(format: "%.\(decimals)f", value))
        #expect(abs((parsed ?? .nan) - (expected ?? 0)) <= value.magnitude * 1e-15, "\(value)")
        #expect(
          text.filter { $0 != "," }.split(separator: ".").dropFirst().joined().count == decimals)
      }
    }
  }

  @Test func groupsThousandsAndDropsNegativeZero() {
    #expect(Figure.fixed(1_234_567.891, decimals: 2) == "1,234,567.89")
    #expect(Figure.fixed(-999.6, decimals: 0) == "-1,000")
    #expect(Figure.fixed(-0.0004, decimals: 3) == "0.000")
    #expect(Figure.fixed(1e18, decimals: 3) == "1e+18")
    #expect(Figure.typeset("-3") == "\u{2212}3")
    #expect(Figure.percent(.nan, decimals: 1) == Figure.dash)
    #expect(Figure.fixed(nil, decimals: 1) == Figure.dash)
  }

  @Test func writesShortCoordinates() {
    #expect(Figure.coordinate(12.5) == "12.5")
    #expect(Figure.coordinate(-0.001) == "0")
    #expect(Figure.coordinate(-3.456) == "-3.46")
    #expect(Figure.coordinate(.nan) == "0")
    #expect(Figure.coordinate(.infinity) == "0")
  }
}
