import NumericSupport
import RefluxMemory
import RefluxTargets
import Testing

@testable import RefluxLosses

/// Every objective of rows in float32 and bfloat16 against the reference in float64.
struct RowObjectiveTests {
  private static let sizes = [5, 16, 17, 67, 1000, 1024, 1025, 3000]

  private let arena = Arena()

  // MARK: The table

  /// No pair of the table is left out without a reason.
  @Test(arguments: ObjectiveEntry.all)
  func everyPairHasItsKernel(entry: ObjectiveEntry) {
    let choice = ObjectiveChoice(entry.name)
    for kind in TargetKind.allCases {
      let isExpected = entry.kinds.contains(kind) && RowCase.withoutKernel[entry.name] == nil
      #expect(RowLoss.hasKernel(choice, kind) == isExpected, "\(kind)")
      let hasCase = RowCase.all.contains {
        $0.kind == kind && $0.words.split(separator: " ")[0] == entry.name.rawValue
      }
      #expect(hasCase == isExpected, "\(kind)")
    }
  }

  @Test func columnsOfAGroupAreNoLossOfRows() throws {
    let choice = try ObjectiveSamples.choice("dist intra=1")
    #expect(!RowLoss.hasKernel(choice, .dense) && !RowLoss.hasKernel(choice, .topk))
    #expect(throws: LossError.objective("dist", "dense")) {
      _ = try RowLoss(choice, kind: .dense, vocabularySize: 5, arena: arena)
    }
    #expect(throws: LossError.objective("jsd", "sampled")) {
      _ = try RowLoss(ObjectiveChoice(.jsd), kind: .sampled, vocabularySize: 5, arena: arena)
    }
  }

  // MARK: Against the reference

  @Test(arguments: RowCase.all)
  func agreesWithTheReference(c: RowCase) throws {
    for (size, scale) in Self.sizes.flatMap({ size in [(size, 1.0), (size, 4)] }) {
      for knowsLabel in [true, false] {
        let example = try RowExample(c, size: size, scale: scale, knowsLabel: knowsLabel)
        let exact = try example.reference()
        for set in InstructionSet.available {
          let loss = try example.loss(arena: arena, set)
          let found = example.run(loss, scale: 0.5)
          let place = "V \(size), scale \(scale), label \(knowsLabel), \(set.name)"
          expectLoss(found.result.loss, exact.loss, 3e-6, place)
          expectGradient(found.gradient, exact.gradient.map { 0.5 * $0 }, c, 0.5, place)
        }
      }
    }
  }

  @Test(arguments: RowCase.all)
  func agreesOnBFloat16Rows(c: RowCase) throws {
    for (size, scale) in [5, 17, 67, 1025].flatMap({ size in [(size, 1.0), (size, 4)] }) {
      var example = try RowExample(c, size: size, scale: scale, seed: 1)
      example.student = example.student.map { BFloat16(rounding: $0).float }
      let exact = try example.reference()
      for set in InstructionSet.available {
        let loss = try example.loss(arena: arena, set)
        let found = example.run(loss, as: BFloat16.self)
        let place = "V \(size), scale \(scale), \(set.name)"
        expectLoss(found.result.loss, exact.loss, 4e-6, place)
        expectRounded(found.gradient, exact.gradient, c, place)
      }
    }
  }

  private func expectLoss(_ found: Double, _ exact: Double, _ bound: Double, _ place: String) {
    let error = abs(found - exact) / (1 + abs(exact))
    #expect(error <= bound, "\(place): loss \(found), expected \(exact)")
  }

  private func expectGradient(
    _ found: [Float], _ exact: [Double], _ c: RowCase, _ scale: Double, _ place: String
  ) {
    let largest = exact.map(abs).max() ?? 0
    let bound = c.isWholeRow ? max(5e-5 * largest, 2e-6 * scale) : max(1e-5 * largest, 1e-7 * scale)
    let error = absoluteError(found, exact)
    #expect(error <= bound, "\(place): \(error) beside \(largest)")
  }

  /// Exponentials are stored in bfloat16 where a row is written in place, gradients always: an ulp;
  /// of the probability where a constant is taken off it.
  private func expectRounded(
    _ found: [Float], _ exact: [Double], _ c: RowCase, _ place: String
  ) {
    let largest = exact.map(abs).max() ?? 0
    let constant = c.isSpread ? 0x1p-8 / Double(exact.count) : 0
    var worst = 0.0
    for (a, b) in zip(found, exact) {
      let bound = 0x1p-7 * abs(b) + constant + max(5e-5 * largest, 3e-6)
      worst = max(worst, a.isNaN ? .infinity : abs(Double(a) - b) / bound)
    }
    #expect(worst <= 1, "\(place): \(worst) of the bound")
  }
}
