import Foundation
import NumericSupport
import RefluxLosses
import RefluxMemory
import RefluxRandom
import RefluxTargets
import Testing

/// Logits that a row may hold, by name.
private func rowsOfLogits(_ count: Int) -> [(name: String, logits: [Float])] {
  var random = RandomStream(seed: 3, stream: UInt64(count))
  var oneHot = [Float](repeating: -80, count: count)
  oneHot[count / 2] = 80
  return [
    ("normal", random.normals(count, scale: 3)),
    ("extreme", (0..<count).map { _ in random.nextUniform() < 0.5 ? -80 : 80 }),
    ("wide", random.normals(count, scale: 40)),
    ("equal", [Float](repeating: 2.5, count: count)),
    ("one-hot", oneHot),
    ("shifted", random.normals(count).map { $0 + 4096 }),
    ("rising", (0..<count).map { Float($0) * 0.1 }),
    ("huge", (0..<count).map { Float($0 % 3) * 1e30 }),
    ("large", random.normals(count).map { $0 + 3e6 }),
    ("tiny", random.normals(count).map { $0 * 1e-30 }),
    ("falling", (0..<count).map { Float($0) * -0.1 }),
  ]
}

/// A sparse target over `count` ids: up to `limit` distinct ids with weights that sum to `mass`.
private func target(
  _ count: Int, limit: Int, mass: Double, _ random: inout RandomStream
) -> (ids: [UInt32], weights: [Float]) {
  let ids = (0..<UInt32(count)).shuffled(using: &random).prefix(limit).sorted()
  let raw = ids.map { _ in random.nextUniform() + 0.01 }
  let total = raw.reduce(0, +)
  return (ids, raw.map { Float($0 / total * mass) })
}

/// The forward KL from each kind of target, over rows of every size.
struct RowLossTests {
  let arena = Arena()

  private func loss(
    from kind: TargetKind, _ count: Int, _ set: InstructionSet = .best
  ) -> RowLoss {
    .forwardKL(from: kind, vocabularySize: count, arena: arena, instructionSet: set)
  }

  @Test(arguments: sizes, InstructionSet.available)
  func crossEntropyAgreesWithReference(count: Int, set: InstructionSet) {
    let crossEntropy = loss(from: .label, count, set)
    for (index, (name, logits)) in rowsOfLogits(count).enumerated() {
      for label in Set([0, count / 2, count - 1]) {
        let row = Walled<Float>(logits, offset: index * 3 % 16)
        let scale: Float = index % 2 == 0 ? 1 : 0.125
        let expected = PlainLoss.crossEntropy(logits, label: label)
        let target = RowTarget(label: label)
        let loss = crossEntropy.gradient(row.view, target, scale: Double(scale)).loss
        // The row's largest magnitude bounds what one float32 rounding of log-sum-exp costs.
        let rounding = Double((logits.map(abs).max() ?? 0).ulp)
        #expect(
          abs(loss - expected.loss) <= 2e-6 * (1 + abs(expected.loss)) + rounding,
          "\(name), label \(label)")
        let error = absoluteError(row.values, expected.gradient.map { $0 * Double(scale) })
        #expect(error <= 4e-7 * Double(scale), "\(name), label \(label)")
        #expect(row.wallsStand, "\(name), label \(label)")
      }
    }
  }

  @Test(arguments: sizes, InstructionSet.available)
  func sparseKLAgreesWithReference(count: Int, instructionSet: InstructionSet) {
    let divergence = loss(from: .sampled, count, instructionSet)
    var random = RandomStream(seed: 4, stream: UInt64(count))
    for (index, (name, logits)) in rowsOfLogits(count).enumerated() {
      for (limit, mass) in [(0, 0.0), (1, 1.0), (12, 0.7), (50, 1.0), (count, 0.3)] {
        let (ids, weights) = target(count, limit: limit, mass: mass, &random)
        let walled = Walled<Float>(weights, offset: 3)
        let set = SampleSet(ids: SampleSet(ids, weights).ids, weights: walled.view)
        let row = Walled<Float>(logits, offset: (index * 5 + limit) % 16)
        let expected = PlainLoss.sparse(logits, ids: ids, weights: weights)
        let loss = divergence.gradient(row.view, RowTarget(set: set), scale: 0.5).loss
        let rounding = Double((logits.map(abs).max() ?? 0).ulp)
        #expect(
          abs(loss - expected.loss) <= 2e-6 * (1 + abs(expected.loss)) + rounding,
          "\(name), \(limit) ids of mass \(mass): \(loss), expected \(expected.loss)")
        let error = absoluteError(row.values, expected.gradient.map { $0 * 0.5 })
        #expect(error <= 4e-7, "\(name), \(limit) ids of mass \(mass)")
        #expect(row.wallsStand && walled.wallsStand)
      }
    }
  }

  @Test(arguments: sizes, InstructionSet.available)
  func denseKLAgreesWithReference(count: Int, set: InstructionSet) {
    let divergence = loss(from: .dense, count, set)
    let rows = rowsOfLogits(count)
    for (index, (name, logits)) in rows.enumerated() {
      let (teacherName, teacherLogits) = rows[(index * 3 + 1) % rows.count]
      let row = Walled<Float>(logits, offset: index)
      let teacher = Walled<Float>(teacherLogits, offset: 15 - index)
      let expected = PlainLoss.dense(logits, teacher: teacherLogits)
      let target = RowTarget(teacher: teacher.view)
      let loss = divergence.gradient(row.view, target, scale: 0.5).loss
      // Probabilities come from e^(y - logSumExp): one rounding of logSumExp scales them all.
      let rounding = Double((logits + teacherLogits).map(abs).max()!.ulp)
      #expect(
        abs(loss - expected.loss) <= (3e-6 + rounding) * (4 + abs(expected.loss)),
        "\(name) under \(teacherName): \(loss), expected \(expected.loss)")
      let error = absoluteError(row.values, expected.gradient.map { $0 * 0.5 })
      #expect(error <= 5e-7 + rounding, "\(name) under \(teacherName)")
      #expect(row.wallsStand && teacher.wallsStand)
    }
  }

  /// Sums are as of float32; what is stored is within an ulp of bfloat16.
  @Test(arguments: sizes, InstructionSet.available)
  func bfloat16LogitsAgreeWithReference(count: Int, instructionSet: InstructionSet) {
    let crossEntropy = loss(from: .label, count, instructionSet)
    let divergence = loss(from: .sampled, count, instructionSet)
    var random = RandomStream(seed: 14, stream: UInt64(count))
    for (index, (name, logits)) in rowsOfLogits(count).enumerated() {
      let values = logits.map { BFloat16(rounding: $0).float }
      let rounding = Double((values.map(abs).max() ?? 0).ulp)
      let (a, b) = (Walled<BFloat16>(values, offset: index), Walled<BFloat16>(values, offset: 3))
      let label = crossEntropy.gradient(a.view, RowTarget(label: count / 2), scale: 0.5).loss
      let exact = PlainLoss.crossEntropy(values, label: count / 2)
      #expect(abs(label - exact.loss) <= 4e-6 * (1 + abs(exact.loss)) + rounding, "\(name)")
      expectWithinOneUlp(a, exact.gradient.map { $0 * 0.5 }, name)
      let (ids, weights) = target(count, limit: 12, mass: 0.7, &random)
      let target = RowTarget(set: SampleSet(ids, weights))
      let loss = divergence.gradient(b.view, target, scale: 0.5).loss
      let expected = PlainLoss.sparse(values, ids: ids, weights: weights)
      #expect(
        abs(loss - expected.loss) <= 4e-6 * (1 + abs(expected.loss)) + rounding, "\(name)")
      expectWithinOneUlp(b, expected.gradient.map { $0 * 0.5 }, name)
    }
  }

  private func expectWithinOneUlp(
    _ found: Walled<BFloat16>, _ exact: [Double], _ name: String
  ) {
    for (a, b) in zip(found.values, exact) {
      // An ulp of bfloat16 is at most 2^-7 of the value; sums are good to 3e-6 (here by 0.5).
      #expect(abs(Double(a) - b) <= 0x1p-7 * abs(b) + 2e-6, "\(name): \(a), expected \(b)")
    }
    #expect(found.wallsStand, "\(name)")
  }

  /// Every 4,096th exponent below a row's maximum: 1 ulp (2 without fused multiply-add), and half
  /// an ulp of the rounded exponent itself.
  @Test(arguments: InstructionSet.available)
  func exponentialsAreWithinTheirBound(instructionSet: InstructionSet) {
    var logits: [Float] = [0]
    logits += stride(from: Float(1e-6).bitPattern, through: Float(70).bitPattern, by: 4096).map {
      -Float(bitPattern: $0)
    }
    let divergence = loss(from: .sampled, logits.count, instructionSet)
    let row = Walled<Float>(logits)
    let total = logits.reduce(0) { $0 + exp(Double($1)) }
    // Scaled so that what is left are the exponentials themselves.
    _ = divergence.gradient(row.view, RowTarget(set: SampleSet([], [])))
    #expect(row.values.allSatisfy { $0 == 0 }, "a target without mass has no gradient")
    let again = Walled<Float>(logits)
    _ = divergence.gradient(again.view, RowTarget(set: SampleSet([0], [1])))
    var worst = 0.0
    for (x, found) in zip(logits, again.values).dropFirst() {
      let exact = exp(Double(x)) / total
      // One more ulp is the factor's and the product's rounding.
      let bound = (instructionSet.name == "baseline" ? 3 : 2) + 0.75 * abs(Double(x))
      worst = max(worst, abs(Double(found) - exact) / (0x1p-23 * exact) / bound)
    }
    #expect(worst <= 1, "\(worst) of the bound")
  }

  /// The definitions' gradients are those of the losses, which are written out here once more.
  @Test(arguments: [1, 2, 5, 17, 33])
  func referencesAreDerivatives(count: Int) {
    var random = RandomStream(seed: 5, stream: UInt64(count))
    let logits = random.normals(count, scale: 2)
    let point = logits.map(Double.init)
    func logProbabilities(_ x: [Double]) -> [Double] {
      let total = x.map { exp($0) }.reduce(0, +)
      return x.map { $0 - log(total) }
    }
    func expectSame(_ found: (loss: Double, gradient: [Double]), _ loss: ([Double]) -> Double) {
      #expect(abs(found.loss - loss(point)) < 1e-12)
      let expected = finiteDifferences(point, loss)
      for (a, b) in zip(found.gradient, expected) { #expect(abs(a - b) < 1e-9) }
    }

    expectSame(PlainLoss.crossEntropy(logits, label: count / 2)) {
      -logProbabilities($0)[count / 2]
    }
    let (ids, weights) = target(count, limit: 7, mass: 0.6, &random)
    func sparse(_ p: [Double]) -> Double {
      zip(ids, weights).reduce(0) { $0 + Double($1.1) * (log(Double($1.1)) - p[Int($1.0)]) }
    }
    expectSame(PlainLoss.sparse(logits, ids: ids, weights: weights)) {
      sparse(logProbabilities($0))
    }
    let teacher = random.normals(count, scale: 2)
    let t = logProbabilities(teacher.map(Double.init))
    expectSame(PlainLoss.dense(logits, teacher: teacher)) { x in
      zip(t, logProbabilities(x)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }
    if ids.count == count { return }
    expectSame(PlainLoss.ghost(logits, ids: ids, weights: weights)) { x in
      let p = logProbabilities(x)
      let rest = p.indices.filter { !ids.contains(UInt32($0)) }.reduce(0) { $0 + exp(p[$1]) }
      let left = 1 - weights.reduce(0) { $0 + Double($1) }
      return sparse(p) + left * log(left / rest)
    }
  }

  /// A one-hot set is a label; a full set is a dense target.
  @Test func setsMeetTheirLimits() {
    let count = 100
    var random = RandomStream(seed: 6, stream: 0)
    let logits = random.normals(count, scale: 3)
    let (a, b) = (Walled<Float>(logits), Walled<Float>(logits))
    let divergence = loss(from: .sampled, count)
    let label = loss(from: .label, count).gradient(a.view, RowTarget(label: 42)).loss
    let set = divergence.gradient(b.view, RowTarget(set: SampleSet([42], [1]))).loss
    #expect(abs(label - set) < 1e-6)
    #expect(absoluteError(a.values, b.values.map(Double.init)) < 2e-7)

    let teacherLogits = random.normals(count, scale: 3)
    let (c, d) = (Walled<Float>(logits), Walled<Float>(logits))
    let teacher = RowTarget(teacher: Walled<Float>(teacherLogits).view)
    let dense = loss(from: .dense, count).gradient(c.view, teacher).loss
    let probabilities = PlainLoss.softmax(teacherLogits.map(Double.init)).probabilities
    let all = SampleSet((0..<UInt32(count)).map { $0 }, probabilities.map { Float($0) })
    let sparse = divergence.gradient(d.view, RowTarget(set: all)).loss
    #expect(abs(dense - sparse) < 2e-6)
    #expect(absoluteError(c.values, d.values.map(Double.init)) < 5e-7)
  }

  @Test func weightsOfZeroChangeNothing() {
    let logits: [Float] = [1, -2, 3, 0.5, 0]
    let divergence = loss(from: .sampled, 5)
    let (a, b) = (Walled<Float>(logits), Walled<Float>(logits))
    let with = RowTarget(set: SampleSet([0, 2, 4], [0.25, 0, 0.75]))
    let without = RowTarget(set: SampleSet([0, 4], [0.25, 0.75]))
    #expect(divergence.gradient(a.view, with).loss == divergence.gradient(b.view, without).loss)
    #expect(absoluteError(a.values, b.values.map(Double.init)) < 1e-7)
  }

  /// Wherever it stands, and whatever the others are, it must not get lost.
  @Test(arguments: [Float.nan, .infinity])
  func notFiniteLogitsMakeTheLossNaN(value: Float) {
    for count in [1, 2, 15, 16, 17, 64, 65, 1024, 1025, 2500] {
      let (sparse, dense) = (loss(from: .sampled, count), loss(from: .dense, count))
      for place in Set([0, count / 2, count - 1]) {
        var logits = [Float](repeating: 1, count: count)
        logits[place] = value
        let rows = (0..<4).map { _ in Walled<Float>(logits).view }
        let plain = (0..<2).map { _ in Walled<Float>(count: count).view }
        let losses = [
          loss(from: .label, count).gradient(rows[0], RowTarget(label: 0)),
          sparse.gradient(rows[1], RowTarget(set: SampleSet([0], [1]))),
          dense.gradient(rows[2], RowTarget(teacher: plain[0])),
          dense.gradient(plain[1], RowTarget(teacher: rows[3])),
        ].map(\.loss)
        for (index, loss) in losses.enumerated() {
          #expect(loss.isNaN, "loss \(index) is \(loss) for \(value) at \(place) of \(count)")
        }
      }
    }
  }

  /// -infinity is how a masked id is written: probability 0, and no loss unless it is the target.
  @Test func maskedIdsHaveNoProbability() {
    var logits = [Float](repeating: 1, count: 20)
    logits[3] = -.infinity
    logits[18] = -.infinity
    let row = Walled<Float>(logits)
    let found = loss(from: .label, 20).gradient(row.view, RowTarget(label: 0)).loss
    #expect(abs(found - log(18.0)) < 1e-6)
    #expect(abs(row.values[3]) < 1e-37 && abs(row.values[18]) < 1e-37)
  }
}
