import Foundation
import NumericSupport
import RefluxLosses
import RefluxMemory
import RefluxRandom
import RefluxTargets
import Testing

/// One combination of target and options with what it should give, written out once more.
private struct LossCase: CustomStringConvertible, Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case label, counted, dense
    case dropped, renormalized, uniform, toLabel, ghost
  }
  var kind: Kind
  var temperature = 1.0
  var alpha = 1.0
  var smoothing = 0.0
  var softcap: Double?
  var zLoss = 0.0

  var description: String {
    "\(kind), T \(temperature), alpha \(alpha), smoothing \(smoothing), cap \(softcap ?? 0), "
      + "z \(zLoss)"
  }

  static let all: [LossCase] = Kind.allCases.flatMap { kind in
    [
      LossCase(kind: kind), LossCase(kind: kind, temperature: 2.5),
      LossCase(kind: kind, alpha: 0.3, smoothing: 0.1), LossCase(kind: kind, softcap: 3),
      LossCase(kind: kind, zLoss: 0.01),
      LossCase(
        kind: kind, temperature: 0.7, alpha: 0.6, smoothing: 0.2, softcap: 5, zLoss: 0.003),
    ]
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

  func target(_ kind: LossCase.Kind) -> LossTarget {
    let view: View<UInt32> = lasting(ids.count)
    let countView: View<UInt32> = lasting(ids.count)
    for place in ids.indices { (view[place], countView[place]) = (ids[place], counts[place]) }
    let values = Walled<Float>(weights).view
    return switch kind {
    case .label: .label
    case .counted: .counted(ids: view, counts: countView, rounds: rounds)
    case .dense: .dense(Walled<Float>(teacher).view)
    case .dropped: .weighted(ids: view, weights: values, .dropped)
    case .renormalized: .weighted(ids: view, weights: values, .renormalized)
    case .uniform: .weighted(ids: view, weights: values, .uniform)
    case .toLabel: .weighted(ids: view, weights: values, .label)
    case .ghost: .weighted(ids: view, weights: values, .ghost)
    }
  }

  /// t of every id.
  func dense(_ kind: LossCase.Kind, temperature: Double) -> [Double] {
    if kind == .dense { return softmax(teacher.map { Double($0) / temperature }) }
    var t = [Double](repeating: 0, count: logits.count)
    let values =
      kind == .counted ? counts.map { Double($0) / Double(rounds) } : weights.map(Double.init)
    for (id, value) in zip(ids, values) { t[Int(id)] = value }
    let left = 1 - values.reduce(0, +)
    switch kind {
    case .renormalized: return t.map { $0 / (1 - left) }
    case .uniform: return t.map { $0 + left / Double(t.count) }
    case .toLabel: t[label] += left
    default: break
    }
    return t
  }

  /// The loss by its definition.
  func loss(_ x: [Double], _ c: LossCase) -> Double {
    let z = c.softcap.map { cap in x.map { cap * tanh($0 / cap) } } ?? x
    let logSum = log(z.reduce(0) { $0 + exp($1) })
    let p = softmax(z)
    let share = c.kind == .label ? 0 : c.alpha
    var result = c.zLoss * logSum * logSum
    for id in z.indices {
      let d = c.smoothing / Double(z.count) + (id == label ? 1 - c.smoothing : 0)
      result -= (1 - share) * d * log(p[id])
    }
    if c.kind == .label { return result }
    let scaled = softmax(z.map { $0 / c.temperature })
    let t = dense(c.kind, temperature: c.temperature)
    var kd = zip(t, scaled).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) }
    if c.kind == .ghost {
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

struct SoftmaxLossTests {
  private let arena = Arena()

  @Test(arguments: LossCase.all)
  fileprivate func lossAndGradientAgreeWithFloat64(_ c: LossCase) throws {
    for set in InstructionSet.available {
      for (seed, count) in [2, 5, 16, 33, 67].enumerated() {
        let example = Example(count, seed: UInt64(seed % 2))
        let loss = try SoftmaxLoss(
          options: c.options, vocabularySize: count, arena: arena, instructionSet: set)
        let row = Walled<Float>(example.logits, offset: seed * 3)
        let found = try loss.gradient(
          row.view, label: example.label, target: example.target(c.kind), weight: 0.5, scale: 0.25)
        let point = example.logits.map(Double.init)
        let exact = example.loss(point, c)
        #expect(abs(found.loss - 0.5 * exact) < 2e-6 * (1 + abs(exact)), "\(set), \(count) ids")
        let slope = finiteDifferences(point) { example.loss($0, c) }.map { $0 * 0.125 }
        #expect(
          absoluteError(row.values, slope) < 1e-6 * (1 + c.temperature), "\(set), \(count) ids")
        #expect(row.wallsStand)
        let rounded = Walled<BFloat16>(example.logits, offset: seed)
        let point16 = rounded.values.map(Double.init)
        let found16 = try loss.gradient(
          rounded.view, label: example.label, target: example.target(c.kind))
        let exact16 = example.loss(point16, c)
        #expect(abs(found16.loss - exact16) < 4e-6 * (1 + abs(exact16)))
        let slope16 = finiteDifferences(point16) { example.loss($0, c) }
        for (a, b) in zip(rounded.values, slope16) {
          #expect(abs(Double(a) - b) < 0x1p-8 * abs(b) + 3e-6)  // half an ulp at most
        }
      }
    }
  }

  @Test func figuresBesideTheLoss() throws {
    let example = Example(67, seed: 1)
    let loss = try SoftmaxLoss(options: LossOptions(), vocabularySize: 67, arena: arena)
    let row = Walled<Float>(example.logits)
    let found = try loss.gradient(row.view, label: nil, target: example.target(.dropped))
    let high = example.logits.map(Double.init)
    let logSum = log(high.reduce(0) { $0 + exp($1) })
    let p = high.map { exp($0 - logSum) }
    #expect(abs(found.logSumExp - logSum) < 1e-6)
    #expect(abs(found.entropy + p.reduce(0) { $0 + $1 * log($1) }) < 2e-6)
    #expect(found.argMax == p.firstIndex(of: p.max()!))
    #expect(abs(found.confidence - p.max()!) < 1e-6)
    #expect(abs(found.teacherMass - 0.8) < 1e-6)
    #expect(abs(found.studentMass - example.ids.reduce(0) { $0 + p[Int($1)] }) < 1e-6)
  }

  @Test func rowsOfWeightZeroAreIgnored() throws {
    let example = Example(33, seed: 0)
    let loss = try SoftmaxLoss(options: LossOptions(), vocabularySize: 33, arena: arena)
    let row = Walled<Float>([Float](repeating: .nan, count: 33))
    let found = try loss.gradient(
      row.view, label: nil, target: example.target(.dropped), weight: 0)
    #expect(found.loss == 0 && row.values.allSatisfy { $0 == 0 })
  }

  @Test func callersErrorsAreFoundBeforeAnyWrite() throws {
    let loss = try SoftmaxLoss(options: LossOptions(), vocabularySize: 8, arena: arena)
    let row = Walled<Float>((0..<8).map(Float.init))
    func ids(_ values: [UInt32]) -> View<UInt32> {
      let view: View<UInt32> = lasting(values.count)
      for (place, value) in values.enumerated() { view[place] = value }
      return view
    }
    func expect(_ error: LossError, label: Int? = 1, _ target: LossTarget) {
      #expect(throws: error) { try loss.gradient(row.view, label: label, target: target) }
    }
    func weighted(_ values: [UInt32], _ weights: [Float], _ rest: Remainder = .dropped)
      -> LossTarget
    { .weighted(ids: ids(values), weights: Walled<Float>(weights).view, rest) }
    expect(.label(8, vocabularySize: 8), label: 8, .label)
    expect(.noLabel, label: nil, .label)
    expect(.noLabel, label: nil, weighted([1], [0.5], .label))
    expect(.id(8, place: 1, vocabularySize: 8), weighted([1, 8], [0.5, 0.5]))
    expect(.order(place: 1), weighted([3, 3], [0.5, 0.5]))
    expect(.order(place: 2), weighted([3, 5, 4], [0.5, 0.25, 0.25]))
    expect(.weight(-1, place: 0), weighted([3], [-1]))
    expect(.weight(.infinity, place: 0), weighted([3], [.infinity]))
    expect(.mass(2), weighted([3], [2], .ghost))
    expect(.mass(0), weighted([3], [0], .renormalized))
    expect(.length(2, expected: 1), weighted([3], [0.5, 0.5]))
    expect(.length(7, expected: 8), .dense(Walled<Float>(count: 7).view))
    expect(.noCount(place: 0), .counted(ids: ids([1, 2]), counts: ids([0, 2]), rounds: 2))
    expect(.rounds(5, sumOfCounts: 4), .counted(ids: ids([1, 2]), counts: ids([2, 2]), rounds: 5))
    #expect(row.values == (0..<8).map(Float.init) && row.wallsStand)
    var options = LossOptions()
    options.temperature = 0
    #expect(throws: LossError.option("temperature", 0)) {
      _ = try SoftmaxLoss(options: options, vocabularySize: 8, arena: arena)
    }
  }

  /// Weights that a store has rounded may come to more than 1: nothing is then left for others.
  @Test func massesMayExceedOneByTheirRounding() throws {
    let rounding = MassRounding(relative: 0.02, absolute: 1e-4)
    let loss = try SoftmaxLoss(
      options: LossOptions(), vocabularySize: 8, arena: arena, rounding: rounding)
    let logits = (0..<8).map { Float($0) * 0.3 }
    let ids: View<UInt32> = lasting(2)
    (ids[0], ids[1]) = (1, 4)
    func gradient(_ weights: [Float], _ rest: Remainder) throws -> (Double, [Float]) {
      let row = Walled<Float>(logits)
      let target = LossTarget.weighted(
        ids: ids, weights: Walled<Float>(weights).view, rest)
      return (try loss.gradient(row.view, label: 1, target: target).loss, row.values)
    }
    for rest in [Remainder.ghost, .uniform, .label] {
      let raw = try gradient([0.75, 0.27], .dropped)
      let found = try gradient([0.75, 0.27], rest)
      #expect(abs(found.0 - raw.0) < 1e-6)
      for (a, b) in zip(found.1, raw.1) { #expect(abs(a - b) < 1e-6) }
      #expect(throws: LossError.self) { try gradient([0.75, 0.271], rest) }
    }
  }

  @Test(arguments: sizes, InstructionSet.available)
  func ghostAgreesWithReference(count: Int, set: InstructionSet) {
    let scratch = LossScratch(vocabularySize: count, arena: arena, instructionSet: set)
    for scale in [1.0, 3, 30] {
      var random = RandomStream(seed: 70, stream: UInt64(count))
      let logits = random.normals(count, scale: scale)
      let ids = (0..<UInt32(count)).shuffled(using: &random).prefix(min(12, count / 2)).sorted()
      for mass in [0.25, 0.75, 1, 1.02] {
        let weights = ids.map { _ in Float(mass / Double(ids.count)) }
        let view: View<UInt32> = lasting(ids.count)
        for (place, id) in ids.enumerated() { view[place] = id }
        let row = Walled<Float>(logits, offset: count % 16)
        let loss = GhostKL.gradient(
          row.view, ids: view, weights: Walled<Float>(weights).view, scale: 0.5, scratch: scratch)
        let exact = GhostKL.reference(logits, ids: ids, weights: weights)
        let rounding = Double((logits.map(abs).max() ?? 0).ulp)
        #expect(abs(Double(loss) - exact.loss) <= 3e-6 * (1 + abs(exact.loss)) + rounding)
        #expect(absoluteError(row.values, exact.gradient.map { $0 * 0.5 }) <= 4e-7)
        #expect(row.wallsStand)
      }
    }
  }
}
