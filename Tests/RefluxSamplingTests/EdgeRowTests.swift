import NumericSupport
import RefluxSampling
import RefluxTargets
import Testing

/// Rows at the limits, and rows that are refused.
@Suite struct EdgeRowTests {
  static let sizes = [1, 16, 100, 1_024, 3_000]

  @Test(arguments: sizes, Estimator.allCases)
  func oneHotRowsGiveTheirOneID(size: Int, estimator: Estimator) throws {
    for (cold, hot) in [(-Float.infinity, Float(-3)), (-10_000, 10_000), (-1e38, 1e38)] {
      for id in Set([0, size / 2, size - 1]) {
        var logits = [Float](repeating: cold, count: size)
        logits[id] = hot
        var sampler = try Teacher(logits: logits).sampler(estimator, rounds: 50)
        try sampler.sample(logits: logits.span, position: 9)
        #expect(sampler.ids == [UInt32(id)])
        #expect(sampler.counts == (estimator == .topk ? [] : [50]))
        #expect(sampler.weights == [1])
      }
    }
  }

  @Test func uniformRowsAreSpreadEvenly() throws {
    let logits = [Float](repeating: 2, count: 100)
    var systematic = try Teacher(logits: logits).sampler(.systematic, rounds: 200)
    try systematic.sample(logits: logits.span, position: 0)
    #expect(systematic.ids == Array(0..<100))
    #expect(systematic.counts.allSatisfy { (1...3).contains($0) })
    var top = try Teacher(logits: logits).sampler(.topk, rounds: 7)
    try top.sample(logits: logits.span, position: 0)
    #expect(top.ids == Array(0..<7))
    #expect(top.weights.allSatisfy { abs($0 - 0.01) < 1e-7 })
  }

  /// Ids of logit -infinity are never drawn, in whole blocks and at both ends.
  @Test(arguments: [1.0, 0.3, 2]) func impossibleIDsAreNeverDrawn(tau: Double) throws {
    var logits = [Float](repeating: -.infinity, count: 6_000)
    for id in stride(from: 1_500, to: 4_200, by: 3) { logits[id] = Float(id % 11) }
    let teacher = Teacher(logits: logits)
    for estimator in [Estimator.multinomial, .systematic] {
      var sampler = try teacher.sampler(estimator, rounds: 300, tau: tau)
      for position in 0..<200 {
        try sampler.sample(logits: logits.span, position: UInt64(position))
        #expect(sampler.ids.allSatisfy { logits[Int($0)] > -.infinity })
        #expect(sampler.counts.reduce(0, +) == 300)
        #expect(sampler.weights.allSatisfy { $0.isFinite && $0 > 0 })
      }
    }
  }

  @Test(arguments: [Float.nan, -Float.nan, .infinity, .signalingNaN])
  func badLogitsAreRefusedByName(value: Float) throws {
    for size in [1, 17, 64, 130, 2_000] {
      for id in Set([0, size / 3, size - 1]) {
        var logits = [Float](repeating: 1, count: size)
        logits[id] = value
        for estimator in Estimator.allCases {
          var sampler = try Teacher(logits: logits).sampler(estimator, rounds: 5)
          let error = #expect(throws: SamplingError.self) {
            try sampler.sample(logits: logits.span, position: 123)
          }
          guard case .badLogit(_, let found, let position)? = error else {
            Issue.record("\(String(describing: error))")
            continue
          }
          #expect(found == id && position == 123)
          #expect(sampler.ids.isEmpty && sampler.counts.isEmpty && sampler.weights.isEmpty)
        }
      }
    }
  }

  @Test func aSamplerGoesOnAfterABadRow() throws {
    let teacher = Teacher(size: 100, seed: 1)
    var sampler = try teacher.sampler(.multinomial, rounds: 50)
    var fresh = sampler
    let bad = [Float](repeating: -.infinity, count: 100)
    #expect(throws: SamplingError.noProbability(position: 6)) {
      try sampler.sample(logits: bad.span, position: 6)
    }
    try sampler.sample(logits: teacher.logits.span, position: 7)
    try fresh.sample(logits: teacher.logits.span, position: 7)
    #expect(sampler.ids == fresh.ids && sampler.counts == fresh.counts)
  }

  private static func configuration(
    _ change: (inout SamplerConfiguration) -> Void
  ) -> SamplerConfiguration {
    var configuration = SamplerConfiguration()
    change(&configuration)
    return configuration
  }

  @Test func badConfigurationsAreRefused() {
    let refused: [(SamplerConfiguration, SamplingError)] = [
      (SamplerConfiguration(rounds: 0), .rounds(0)),
      (SamplerConfiguration(rounds: 65_537), .rounds(65_537)),
      (SamplerConfiguration(tau: 0), .tau(0)),
      (SamplerConfiguration(tau: -1), .tau(-1)),
      (SamplerConfiguration(tau: 8.5), .tau(8.5)),
      (SamplerConfiguration(estimator: .topk, rounds: 12, tau: 0.5), .tauOfTopK(0.5)),
      (Self.configuration { $0.temperature = 0 }, .temperature(0)),
      (Self.configuration { $0.temperature = -2 }, .temperature(-2)),
      (Self.configuration { $0.temperature = 101 }, .temperature(101)),
      (Self.configuration { $0.isUncorrected = true }, .nothingToCorrect),
      (
        Self.configuration { ($0.estimator, $0.isUncorrected) = (.topk, true) }, .nothingToCorrect
      ),
    ]
    for (configuration, error) in refused {
      #expect(throws: error) { try configuration.validate() }
      #expect(throws: error) { try Sampler(configuration: configuration, vocabularySize: 10) }
    }
    for tau in [Double.nan, .infinity] {
      #expect(throws: SamplingError.self) { try SamplerConfiguration(tau: tau).validate() }
    }
    for size in [0, -1, 1 << 24 + 1] {
      #expect(throws: SamplingError.vocabularySize(size)) {
        try Sampler(configuration: SamplerConfiguration(), vocabularySize: size)
      }
    }
  }

  @Test func errorsSayWhatToDo() {
    #expect(
      SamplingError.badLogit(.nan, id: 3, position: 8).description
        == "the teacher's logit of id 3 at position 8 is nan, not a finite number; "
        + "check the teacher's weights")
    #expect(
      SamplingError.rounds(0).description == "0 rounds asked for; give a number in 1...65536")
  }

  @Test func rowsOfAnotherSizeTrap() async {
    await #expect(processExitsWith: .failure) {
      // An error here would end the process as a failure too: leave with success instead.
      let sampler = try? Sampler(configuration: SamplerConfiguration(), vocabularySize: 10)
      guard var sampler else { return }
      try? sampler.sample(logits: [Float](repeating: 0, count: 9).span, position: 0)
    }
  }
}
