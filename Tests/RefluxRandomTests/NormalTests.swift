import Testing

@testable import RefluxRandom

@Suite struct NormalTests {
  /// Probabilities and quantiles by Python 3.11's `statistics.NormalDist().inv_cdf`, which is the
  /// same published algorithm, so they agree to the rounding of the logarithm.
  static let quantiles: [(p: Double, x: Double)] = [
    (1.1102230246251565e-16, -8.209536151601386),
    (1e-15, -7.941345326170995),
    (1e-11, -6.706023155495136),
    (1e-06, -4.753424308822899),
    (0.01, -2.3263478740408408),
    (0.07499, -1.4396021182393162),
    (0.075, -1.4395314709384557),
    (0.3, -0.5244005127080407),
    (0.5, 0.0),
    (0.75, 0.6744897501960817),
    (0.95, 1.6448536269514715),
    (0.999, 3.090232306167813),
    (0.9999999999999999, 8.209536151601386),
  ]

  @Test(arguments: quantiles) func agreesWithPython(p: Double, x: Double) {
    #expect(abs(NormalQuantile.value(at: p) - x) <= 4 * x.ulp)
  }

  @Test func momentsAreThoseOfTheStandardNormal() {
    var random = RandomStream(seed: 11, stream: 0)
    let count = 200_000
    var sums = [0.0, 0.0, 0.0, 0.0]
    for _ in 0..<count {
      let x = random.nextNormal()
      var power = 1.0
      for degree in 0..<4 {
        power *= x
        sums[degree] += power
      }
    }
    let moments = sums.map { $0 / Double(count) }
    // Five standard errors: the variances of x, x^2, x^3, x^4 are 1, 2, 15, 96.
    for (moment, (mean, variance)) in zip(moments, [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      #expect(abs(moment - mean) < 5 * (variance / Double(count)).squareRoot())
    }
  }
}
