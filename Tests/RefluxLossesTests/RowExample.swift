import Foundation
import NumericSupport
import RefluxMemory
import RefluxRandom
import RefluxTargets
import Testing

@testable import RefluxLosses

/// A row with all that a kind of target says of it; numbers are those of float32, so that kernels
/// and references see the same.
struct RowExample {
  let choice: ObjectiveChoice
  let kind: TargetKind
  var student: [Float]
  var teacher: [Float]
  var label: Int
  /// Ids and weights of the teacher; empty where the target is none of sets.
  var set = ReferenceSet(ids: [], weights: [])

  /// - Parameters:
  ///   - scale: of the logits; two ids have much of the teacher's mass.
  ///   - knowsLabel: whether the label is one of the teacher's most probable ids.
  init(
    _ c: RowCase, size: Int, scale: Double = 1, seed: UInt64 = 0, knowsLabel: Bool = true
  ) throws {
    (choice, kind) = (try c.choice, c.kind)
    var random = RandomStream(seed: 700 + seed, stream: UInt64(size))
    student = random.normals(size, scale: scale)
    teacher = random.normals(size, scale: scale)
    for place in [size / 3, 3 * size / 4] {
      teacher[place] += Float(log(Double(size)) + 2 * scale)
    }
    let order = ReferenceRow.order(teacher.map(Double.init))
    label =
      knowsLabel
      ? order[min(1, size - 1)] : order[size - 1 - Int(random.next() % UInt64((size + 3) / 4))]
    if kind == .topk { keep(Array(order.prefix(min(9, (2 * size + 2) / 3)))) }
    if kind == .sampled { draw(20, &random) }
  }

  /// p.
  var probabilities: [Double] { ReferenceRow.softmax(teacher.map(Double.init)) }

  /// Takes the probabilities of these ids.
  mutating func keep(_ ids: [Int]) {
    let p = probabilities
    let ids = ids.sorted()
    set = ReferenceSet(ids: ids, weights: ids.map { Double(Float(p[$0])) }, scalars: scalars)
  }

  private mutating func draw(_ rounds: Int, _ random: inout RandomStream) {
    let p = probabilities
    var counts = [Int](repeating: 0, count: p.count)
    for _ in 0..<rounds {
      var left = random.nextUniform()
      let id = p.indices.first { id in
        left -= p[id]
        return left < 0
      }
      counts[id ?? 0] += 1
    }
    let ids = p.indices.filter { counts[$0] > 0 }
    set = ReferenceSet(
      ids: ids, weights: ids.map { Double(Float(counts[$0]) / Float(rounds)) }, scalars: scalars)
  }

  /// What the objective needs beside the ids.
  private var scalars: [TargetScalar: Double] {
    let p = probabilities
    let gamma = choice.number("gamma")
    let known: [TargetScalar: Double] = [
      .label: p[label], .power: p.reduce(0) { $0 + pow($1, gamma) },
      .logsum: ReferenceRow.logSum(teacher.map(Double.init)),
      .entropy: p.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) },
    ]
    let needed = choice.name.entry.scalars[kind] ?? []
    return known.filter { needed.contains($0.key) }.mapValues { Double(Float($0)) }
  }

  // MARK: By the book

  /// What the reference makes of the row, of other logits or at another temperature of sets.
  func reference(
    _ logits: [Double]? = nil, temperature: Double = 1
  ) throws -> (loss: Double, gradient: [Double]) {
    let logits = logits ?? student.map(Double.init)
    if kind == .dense {
      let objective = temperature == 1 ? choice : choice.at(temperature: temperature)
      let result = try LossReference.evaluate(objective, input(logits))
      return (result.loss, result.gradient[0])
    }
    // q = softmax(z / T) is the student at 1 of logits z / T.
    let result = try LossReference.evaluate(choice, input(logits.map { $0 / temperature }))
    let squared: Set<ObjectiveName> = [.rskd, .topk, .ghost, .smoothing, .naive, .dkd]
    let factor = squared.contains(choice.name) ? temperature * temperature : 1
    return (factor * result.loss, result.gradient[0].map { $0 * factor / temperature })
  }

  private func input(_ logits: [Double]) -> ReferenceInput {
    let target: ReferenceTarget =
      switch kind {
      case .label: .none
      case .dense: .dense([teacher.map(Double.init)])
      case .topk: .top([set])
      case .sampled:
        .drawn(
          [set], tau: [.ttm, .wttm].contains(choice.name) ? choice.number("gamma") : 1)
      }
    var input = ReferenceInput(student: [logits], labels: [label], target: target)
    if choice.name == .kdSim { input.table = table }
    return input
  }

  /// A row of two numbers for every id.
  private var table: [[Double]] {
    student.indices.map { [sin(Double($0)) + 0.1, Double(1 + $0 % 5)] }
  }

  /// The cosines of the label's row of the table with all rows, over tau.
  private var cosines: [Float] {
    func product(_ a: [Double], _ b: [Double]) -> Double { a[0] * b[0] + a[1] * b[1] }
    let (table, tau) = (table, choice.number("tau"))
    let own = table[label]
    return table.map {
      Float(product(own, $0) / (product(own, own) * product($0, $0)).squareRoot() / tau)
    }
  }

  // MARK: By the kernel

  /// The kernel's target, with memory of its own.
  var target: RowTarget {
    var target = RowTarget(label: label)
    if kind == .dense { target.teacher = Walled<Float>(teacher, offset: 7).view }
    if choice.name == .kdSim { target.teacher = Walled<Float>(cosines, offset: 7).view }
    if kind.isOfSets {
      target.set = SampleSet(set.ids.map { UInt32($0) }, set.weights.map { Float($0) })
    }
    for (scalar, value) in set.scalars { target.scalars[scalar] = value }
    return target
  }

  func loss(
    _ options: LossOptions = LossOptions(), arena: Arena, _ set: InstructionSet = .best
  ) throws -> RowLoss {
    try RowLoss(
      choice, kind: kind, options: options, vocabularySize: student.count, arena: arena,
      instructionSet: set)
  }

  /// What a kernel makes of the row.
  func run<Element: Scalar>(
    _ loss: RowLoss, as: Element.Type = Float.self, alpha: Double? = nil, weight: Double = 1,
    scale: Double = 1, watches: Bool = false, location: SourceLocation = #_sourceLocation
  ) -> (result: RowResult, gradient: [Float]) {
    let row = Walled<Element>(student, offset: student.count % 16)
    let result = loss.gradient(
      row.view, target, alpha: alpha, weight: weight, scale: scale, watches: watches)
    #expect(row.wallsStand, sourceLocation: location)
    return (result, row.values)
  }
}

extension SampleSet {
  /// A set in memory of its own.
  init(_ ids: [UInt32], _ weights: [Float]) {
    let view: View<UInt32> = lasting(ids.count)
    view.copy(from: ids.span)
    self.init(ids: view, weights: Walled<Float>(weights, offset: 3).view)
  }
}

extension BatchTargets {
  /// Takes the sets of all rows, and what is known beside them.
  mutating func fill(with sets: [ReferenceSet]) {
    let offsets: View<Int32> = lasting(sets.count + 1)
    for (row, set) in sets.enumerated() { offsets[row + 1] = offsets[row] + Int32(set.ids.count) }
    let all = SampleSet(
      sets.flatMap { $0.ids.map { UInt32($0) } }, sets.flatMap { $0.weights.map { Float($0) } })
    self.sets = SampleSets(offsets: offsets, ids: all.ids, weights: all.weights)
    for scalar in sets[0].scalars.keys {
      self[scalar] = lasting(sets.count)
      for (row, set) in sets.enumerated() {
        self[scalar]?[row] = Float(set.scalars[scalar] ?? .nan)
      }
    }
  }
}
