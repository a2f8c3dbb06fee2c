import Foundation
import NumericSupport
import RefluxMemory
import Testing

@testable import RefluxLosses

struct RowSoftmaxTests {
  /// Every 4,096th float in -86...0: what pass 1 stores against e^x in float64.
  @Test(arguments: InstructionSet.available)
  func exponentialsAreWithinTheirUlps(set: InstructionSet) {
    let arena = Arena()
    let bits = stride(from: Float(0).bitPattern, through: Float(86).bitPattern, by: 4096)
    var inputs = bits.map { -Float(bitPattern: $0) }
    // A largest logit of 0 in every block makes every reference 0.
    for start in stride(from: 0, to: inputs.count, by: 1024) { inputs[start] = 0 }
    let row = Walled<Float>(inputs, offset: 5)
    let scratch = LossScratch(vocabularySize: inputs.count, arena: arena, instructionSet: set)
    _ = RowSoftmax(exponentiating: row.view, scratch: scratch)
    var worst = 0.0
    for (x, found) in zip(inputs, row.values) {
      let exact = exp(Double(x))
      let error = abs(Double(found) - exact) / exact / 0x1p-24
      worst = max(worst, error - 1.25 * abs(Double(x)))
    }
    #expect(worst <= (set.name == "baseline" ? 3 : 2), "\(worst) beside 1.25 |x|")
    #expect(row.wallsStand)
  }
}
