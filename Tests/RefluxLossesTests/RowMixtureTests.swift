import Foundation
import NumericSupport
import RefluxMemory
import RefluxTargets
import Testing

@testable import RefluxLosses

/// Every objective beside the label, at a temperature, within a softcap and with a z-loss: against
/// L = w (alpha L_kd + (1 - alpha) CE + lambda (log sum e^z)^2) of the reference.
struct RowMixtureTests {
  private let arena = Arena()

  private static let mixtures: [LossOptions] = [
    options(alpha: 0.3), options(alpha: 0.3, smoothing: 0.1), options(alpha: 0, smoothing: 0.1),
    options(zLoss: 0.01), options(softcap: 3), options(temperature: 2),
    options(alpha: 0.3, smoothing: 0.1, softcap: 5, zLoss: 0.003),
    options(alpha: 0.3, smoothing: 0.1, temperature: 2),
    options(alpha: 0.6, smoothing: 0.2, temperature: 0.7, softcap: 4, zLoss: 0.003),
  ]

  private static func options(
    alpha: Double = 1, smoothing: Double = 0, temperature: Double = 1, softcap: Double? = nil,
    zLoss: Double = 0
  ) -> LossOptions {
    var options = LossOptions()
    (options.distillation, options.labelSmoothing) = (alpha, smoothing)
    (options.temperature, options.softcap, options.zLoss) = (temperature, softcap, zLoss)
    return options
  }

  /// Objectives at another temperature on both sides, or of sets, which then are at that one.
  private func takes(_ temperature: Double, _ c: RowCase) throws -> Bool {
    let choice = try c.choice
    if temperature == 1 || choice.name == .ce { return true }
    if c.kind == .label { return false }
    return c.kind != .dense || choice.temperature == 1 && choice["temperature"] != nil
  }

  @Test(arguments: RowCase.all)
  func mixturesAgreeWithTheReference(c: RowCase) throws {
    for options in Self.mixtures where try takes(options.temperature, c) {
      for (size, knowsLabel) in [(5, true), (17, false), (67, true), (1025, false), (1025, true)] {
        let example = try RowExample(c, size: size, seed: 2, knowsLabel: knowsLabel)
        let exact = try expected(example, options)
        for set in InstructionSet.available {
          let loss = try example.loss(options, arena: arena, set)
          let found = example.run(loss, weight: 0.5, scale: 0.25)
          let place = "\(options), V \(size), label \(knowsLabel), \(set.name)"
          let error = abs(found.result.loss - 0.5 * exact.loss) / (1 + abs(exact.loss))
          #expect(error <= 3e-6, "\(place): loss \(found.result.loss), \(0.5 * exact.loss)")
          let gradient = exact.gradient.map { 0.125 * $0 }
          let largest = gradient.map(abs).max() ?? 0
          let bound =
            c.isWholeRow ? max(5e-5 * largest, 2e-6 * 0.125) : max(1e-5 * largest, 1e-7 * 0.125)
          let gap = absoluteError(found.gradient, gradient)
          #expect(gap <= bound, "\(place): \(gap) beside \(largest)")
        }
      }
    }
  }

  /// The same by its definition.
  private func expected(
    _ example: RowExample, _ options: LossOptions
  ) throws -> (loss: Double, gradient: [Double]) {
    let z = example.student.map { x in
      options.softcap.map { $0 * tanh(Double(x) / $0) } ?? Double(x)
    }
    let (logSum, p) = PlainLoss.softmax(z)
    let isLabel = example.choice.name == .ce
    let alpha = isLabel ? 0 : options.distillation
    let own =
      isLabel
      ? (loss: 0, gradient: [Double](repeating: 0, count: z.count))
      : try example.reference(z, temperature: options.temperature)
    var loss = alpha * own.loss + options.zLoss * logSum * logSum
    var gradient: [Double] = []
    for id in z.indices {
      let smooth = options.labelSmoothing / Double(z.count)
      let d = smooth + (id == example.label ? 1 - options.labelSmoothing : 0)
      loss -= (1 - alpha) * d * (z[id] - logSum)
      let slope =
        alpha * own.gradient[id] + (1 - alpha) * (p[id] - d)
        + 2 * options.zLoss * logSum * p[id]
      gradient.append(slope * (options.softcap.map { 1 - z[id] / $0 * z[id] / $0 } ?? 1))
    }
    return (loss, gradient)
  }
}
