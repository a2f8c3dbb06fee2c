import Foundation
import RefluxReport
import RefluxTargets

/// Reports for the tests.
enum Samples {
  /// A small report with every part, of figures known from elsewhere.
  static let full: QuickstartReport = {
    let rows = [
      MethodRow(
        method: "Teacher", objective: nil, lmLoss: 3.268, perplexity: 26.26, ecePercent: 1,
        acceptancePercent: 100, topOnePercent: 45.9, tokensPerSecond: 9876),
      student("CE", .ce, loss: 3.686, gap: 0, error: 2.6, acceptance: 60.3),
      student("Top-12", .topk, loss: 4.163, gap: -356, error: 5.9, acceptance: 63.2, cache: 72),
      student("RS-KD", .rskd, loss: 3.583, gap: 77, error: 2.6, acceptance: 69.1, cache: 57.25),
      student("FullKD", .fullkd, loss: 3.552, gap: 100, error: 2.9, acceptance: 69.1),
    ]
    return QuickstartReport(
      title: "Quickstart", subtitle: "One road", facts: [Fact("Seed", "1")], rows: rows,
      heldOutCurves: rows.map { curve($0.method, end: $0.lmLoss, count: 10) },
      trainingCurves: rows.map { curve($0.method, end: $0.lmLoss, count: 500) },
      reliability: rows.map { diagram($0.method) }, notes: ["One seed."])
  }()

  /// A report of `count` students and nothing else.
  static func many(_ count: Int) -> QuickstartReport {
    QuickstartReport(
      title: "Many",
      rows: (0..<count).map {
        student(
          "Method \($0)", .rskd, loss: 3 + Double($0) / 10, gap: 50, error: 2, acceptance: 60)
      })
  }

  static func student(
    _ name: String, _ objective: ObjectiveName, loss value: Double, gap: Double?, error: Double,
    acceptance: Double, cache: Double? = nil
  ) -> MethodRow {
    MethodRow(
      method: name, objective: objective, lmLoss: value, perplexity: exp(value), gapPercent: gap,
      ecePercent: error, acceptancePercent: acceptance, topOnePercent: 42, tokensPerSecond: 41234.4,
      dataWaitPercent: 0.25, cacheBytesPerToken: cache)
  }

  static func curve(_ name: String, end: Double, count: Int) -> LossCurve {
    LossCurve(
      name: name,
      points: (1...count).map {
        let share = Double($0) / Double(count)
        return .init(tokens: 2400 * $0, loss: end + (8.3 - end) * exp(-9 * share))
      })
  }

  static func diagram(_ name: String) -> ReliabilityDiagram {
    ReliabilityDiagram(
      name: name,
      bins: (0..<10).map {
        .init(
          confidence: (Double($0) + 0.5) / 10, accuracy: Double($0) / 10, weight: Double(10 - $0))
      }, ecePercent: 5)
  }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
