import Foundation
import NumericSupport
import RefluxMemory
import RefluxRandom
import RefluxTargets
import Testing

@testable import RefluxLosses

/// One combination of objective and options with what it should give, written out once more.
private struct LossCase: CustomStringConvertible, Sendable {
  static let names: [ObjectiveName] = [.ce, .rskd, .fullkd, .topk, .smoothing, .naive, .ghost]
  var name: ObjectiveName
  var temperature = 1.0
  var alpha = 1.0
  var smoothing = 0.0
  var softcap: Double?
  var zLoss = 0.0

  var description: String {
    "\(name), T \(temperature), alpha \(alpha), smoothing \(smoothing), cap \(softcap ?? 0), "
      + "z \(zLoss)"
  }

  static let all: [LossCase] = names.flatMap { name in
    [
      LossCase(name: name), LossCase(name: name, temperature: 2.5),
      LossCase(name: name, alpha: 0.3, smoothing: 0.1), LossCase(name: name, softcap: 3),
      LossCase(name: name, zLoss: 0.01),
      LossCase(
        name: name, temperature: 0.7, alpha: 0.6, smoothing: 0.2, softcap: 5, zLoss: 0.003),
    ]
  }

  /// Half an ulp of bfloat16, and one where its exponentials are kept in the row.
  var ulps: Double {
    let isPlain = alpha == 1 && zLoss == 0 && temperature == 1 && softcap == nil
    return isPlain && name != .smoothing && name != .fullkd ? 1 : 0.5
  }

  var options: LossOptions {
    var options = LossOptions()
    options.temperature = temperature
    options.distillation = alpha
    options.labelSmoothing = smoothing
    options.softcap = softcap
    options.zLoss = zLoss
    return options
  }
}

/// A row's ids, counts and teacher for any kind of target.
private struct Example {
  let logits: [Float]
  let teacher: [Float]
  let ids: [UInt32]
  let counts: [UInt32]
  let label: Int

  init(_ count: Int, seed: UInt64) {
    var random = RandomStream(seed: 60 + seed, stream: UInt64(count))
    logits = random.normals(count, scale: 2)
    teacher = random.normals(count, scale: 2)
    ids = (0..<UInt32(count)).shuffled(using: &random).prefix(min(7, (count + 1) / 2)).sorted()
    counts = ids.map { _ in UInt32(1 + random.next() % 9) }
    label = seed == 0 ? Int(ids[0]) : Int(random.next() % UInt64(count))
  }

  var rounds: Int { counts.reduce(0) { $0 + Int($1) } }
  /// Weights of mass 0.8.
  var weights: [Float] { counts.map { Float($0) / Float(rounds) * 0.8 } }

  func target(_ name: ObjectiveName) -> RowTarget {
    var target = RowTarget(label: label)
    switch name.entry.kinds[0] {
    case .label: break
    case .sampled:
      target.set = SampleSet(ids, counts.map { Float(Double($0) / Double(rounds)) })
    case .topk: target.set = SampleSet(ids, weights)
    case .dense: target.teacher = Walled<Float>(teacher).view
    }
    return target
  }

  /// t of every id.
  func dense(_ name: ObjectiveName, temperature: Double) -> [Double] {
    if name == .fullkd { return softmax(teacher.map { Double($0) / temperature }) }
    var t = [Double](repeating: 0, count: logits.count)
    let values =
      name == .rskd ? counts.map { Double($0) / Double(rounds) } : weights.map(Double.init)
    for (id, value) in zip(ids, values) { t[Int(id)] = value }
    let left = 1 - values.reduce(0, +)
    switch name {
    case .smoothing: return t.map { $0 + left / Double(t.count) }
    case .naive: t[label] += left
    default: break
    }
    return t
  }

  /// The loss by its definition.
  func loss(_ x: [Double], _ c: LossCase) -> Double {
    let z = c.softcap.map { cap in x.map { cap * tanh($0 / cap) } } ?? x
    let logSum = log(z.reduce(0) { $0 + exp($1) })
    let p = softmax(z)
    let share = c.name == .ce ? 0 : c.alpha
    var result = c.zLoss * logSum * logSum
    for id in z.indices {
      let d = c.smoothing / Double(z.count) + (id == label ? 1 - c.smoothing : 0)
      result -= (1 - share) * d * log(p[id])
    }
    if c.name == .ce { return result }
    let scaled = softmax(z.map { $0 / c.temperature })
    let t = dense(c.name, temperature: c.temperature)
    var kd = zip(t, scaled).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) }
    if c.name == .ghost {
      let a = t.reduce(0, +)
      let b = ids.reduce(0) { $0 + scaled[Int($1)] }
      kd += (1 - a) * log((1 - a) / (1 - b))
    }
    return result + share * c.temperature * c.temperature * kd
  }

  private func softmax(_ x: [Double]) -> [Double] {
    let total = x.reduce(0) { $0 + exp($1) }
    return x.map { exp($0) / total }
  }
}

struct RowLossOptionTests {
  private let arena = Arena()

  @Test(arguments: LossCase.all)
  fileprivate func lossAndGradientAgreeWithFloat64(_ c: LossCase) throws {
    for set in InstructionSet.available {
      for (seed, count) in [2, 5, 16, 33, 67].enumerated() {
        let example = Example(count, seed: UInt64(seed % 2))
        let loss = try RowLoss(
          ObjectiveChoice(c.name), kind: c.name.entry.kinds[0], options: c.options,
          vocabularySize: count, arena: arena, instructionSet: set)
        let row = Walled<Float>(example.logits, offset: seed * 3)
        let found = loss.gradient(
          row.view, example.target(c.name), weight: 0.5, scale: 0.25)
        let point = example.logits.map(Double.init)
        let exact = example.loss(point, c)
        #expect(abs(found.loss - 0.5 * exact) < 2e-6 * (1 + abs(exact)), "\(set), \(count) ids")
        let slope = finiteDifferences(point) { example.loss($0, c) }.map { $0 * 0.125 }
        #expect(
          absoluteError(row.values, slope) < 1e-6 * (1 + c.temperature), "\(set), \(count) ids")
        #expect(row.wallsStand)
        let rounded = Walled<BFloat16>(example.logits, offset: seed)
        let point16 = rounded.values.map(Double.init)
        let found16 = loss.gradient(rounded.view, example.target(c.name))
        let exact16 = example.loss(point16, c)
        #expect(abs(found16.loss - exact16) < 4e-6 * (1 + abs(exact16)))
        let slope16 = finiteDifferences(point16) { example.loss($0, c) }
        for (a, b) in zip(rounded.values, slope16) {
          #expect(abs(Double(a) - b) < c.ulps * 0x1p-7 * abs(b) + 3e-6)
        }
      }
    }
  }

  /// A row's own alpha is as good as that of the options: the same bits, and none at the default.
  @Test(arguments: RowCase.plain)
  func alphaOfARowIsThatOfTheOptions(c: RowCase) throws {
    for (temperature, softcap) in [(1.0, nil), (1, 3), (2, nil)] as [(Double, Double?)] {
      for (size, knowsLabel) in [(17, true), (67, false), (1025, true)] {
        let example = try RowExample(c, size: size, knowsLabel: knowsLabel)
        func run(options alpha: Double, row: Double?) throws -> (RowResult, [Float]) {
          var options = LossOptions()
          (options.temperature, options.distillation) = (temperature, alpha)
          (options.labelSmoothing, options.softcap) = (0.1, softcap)
          let found = example.run(
            try example.loss(options, arena: arena), alpha: row, watches: true)
          return (found.result, found.gradient)
        }
        for alpha in [0, 0.3, 1] {
          let expected = try run(options: alpha, row: nil)
          for other in [0, 0.7, 1] {
            let found = try run(options: other, row: alpha)
            #expect(found == expected, "alpha \(alpha), options \(other), V \(size)")
          }
        }
      }
    }
  }

  @Test(arguments: RowCase.plain)
  func rowsOfWeightZeroAreIgnored(c: RowCase) throws {
    var example = try RowExample(c, size: 33)
    example.student = [Float](repeating: .nan, count: 33)
    let found = example.run(try example.loss(arena: arena), weight: 0, watches: true)
    #expect(found.result == RowResult() && found.gradient.allSatisfy { $0 == 0 })
    let rounded = example.run(try example.loss(arena: arena), as: BFloat16.self, weight: 0)
    #expect(rounded.gradient.allSatisfy { $0 == 0 })
  }

  @Test func badOptionsAreRefused() {
    func expect(_ error: LossError, _ change: (inout LossOptions) -> Void) {
      var options = LossOptions()
      change(&options)
      #expect(throws: error) {
        _ = try RowLoss(
          ObjectiveChoice(.ce), kind: .label, options: options, vocabularySize: 8, arena: arena)
      }
    }
    expect(.option("temperature", 0)) { $0.temperature = 0 }
    expect(.option("distillation", 1.5)) { $0.distillation = 1.5 }
    expect(.option("labelSmoothing", 1)) { $0.labelSmoothing = 1 }
    expect(.option("softcap", -1)) { $0.softcap = -1 }
    expect(.option("zLoss", .infinity)) { $0.zLoss = .infinity }
  }

  /// Of a mass above 1, as rounded weights may have, nothing is left for the bucket.
  @Test(arguments: sizes, InstructionSet.available)
  func ghostAgreesWithReference(count: Int, set: InstructionSet) throws {
    let ghost = try RowLoss(
      ObjectiveChoice(.ghost), kind: .topk, vocabularySize: count, arena: arena,
      instructionSet: set)
    for scale in [1.0, 3, 30] {
      var random = RandomStream(seed: 70, stream: UInt64(count))
      let logits = random.normals(count, scale: scale)
      let ids = (0..<UInt32(count)).shuffled(using: &random).prefix(min(12, count / 2)).sorted()
      for mass in [0.25, 0.75, 1, 1.02] {
        let weights = ids.map { _ in Float(mass / Double(ids.count)) }
        let row = Walled<Float>(logits, offset: count % 16)
        let target = RowTarget(set: SampleSet(ids, weights))
        let loss = ghost.gradient(row.view, target, scale: 0.5).loss
        let exact = PlainLoss.ghost(logits, ids: ids, weights: weights)
        let rounding = Double((logits.map(abs).max() ?? 0).ulp)
        #expect(abs(loss - exact.loss) <= 3e-6 * (1 + abs(exact.loss)) + rounding)
        #expect(absoluteError(row.values, exact.gradient.map { $0 * 0.5 }) <= 4e-7)
        #expect(row.wallsStand)
      }
    }
  }
}
