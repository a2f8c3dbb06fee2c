import NumericSupport
import RefluxTargets
import Testing

@testable import RefluxLosses

/// Every objective on the worked examples: loss and all gradients.
struct ObjectiveExampleTests {
  private let examples = ObjectiveExample.all

  private func input(_ target: ReferenceTarget) -> ReferenceInput {
    ReferenceInput(student: examples.student, labels: examples.labels, target: target)
  }

  private func evaluate(_ words: String, _ input: ReferenceInput) throws -> ReferenceResult {
    let words = words.split(separator: " ").map(String.init)
    return try LossReference.evaluate(
      try ObjectiveChoice(words[0], options: Array(words.dropFirst())), input)
  }

  private func expect(
    _ name: String, _ result: ReferenceResult, tolerance: Double = 1e-9,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let loss = try #require(examples.loss(name), sourceLocation: location)
    #expect(
      abs(result.loss - loss) < tolerance, "\(name): \(result.loss)", sourceLocation: location)
    if let rows = result.rows {
      let mean = rows.reduce(0, +) / Double(rows.count)
      #expect(abs(mean - result.loss) < 1e-12, "\(name)", sourceLocation: location)
    }
    guard let gradient = examples.gradient(name) else { return }
    #expect(result.gradient.count == gradient.count, sourceLocation: location)
    for (found, expected) in zip(result.gradient, gradient) {
      #expect(
        largest(found, expected) < tolerance, "\(name): \(found), \(expected)",
        sourceLocation: location)
    }
  }

  private func largest(_ one: [Double], _ other: [Double]) -> Double {
    one.count != other.count
      ? .infinity : zip(one, other).map { abs($0 - $1) }.max() ?? 0
  }

  @Test(arguments: [
    ("dense fkl", "fullkd"), ("dense fkl", "rkl fkl=1"), ("dense fkl", "jsd beta=0"),
    ("dense fkl", "skew alpha=0"), ("dense fkl", "ab a=1 b=0"), ("dense fkl", "dkd beta=kd"),
    ("dense fkl", "ttm gamma=1"), ("dense rkl", "rkl"), ("dense rkl", "jsd beta=1"),
    ("dense rkl", "skew-rkl alpha=0"), ("dense rkl", "ab a=0 b=1"),
    ("dense jsd 0.3", "jsd beta=0.3"), ("dense skl 0.1", "skew"), ("dense srkl 0.1", "skew-rkl"),
    ("dense tvd", "tvd"), ("dense ab 0.2 0.7", "ab"), ("dense ab 0.5 0.5", "ab a=0.5 b=0.5"),
    ("dense ab 0.6 0.4", "ab a=0.6 b=0.4"), ("fkl T2 (T^2)", "fullkd temperature=2"),
    ("lbf paper K2", "lbf k=2"), ("lbf code K2 (.9 CE + .1 KL)", "lbf form=code k=2"),
    ("kd-pt", "kd-pt"), ("kd-topk K2", "kd-topk k=2"),
    ("dkd a1 b8 T4", "dkd beta=8 temperature=4"), ("dkd a1 b2 T1", "dkd"),
    ("ttm g0.3", "ttm gamma=0.3"), ("wttm g0.3", "wttm gamma=0.3"),
    ("ttm g0.6", "ttm gamma=0.6"), ("wttm g0.6", "wttm gamma=0.6"),
    ("pld", "pld"), ("pld tau2", "pld tau=2"), ("pld K3", "pld steps=3"), ("akl mu.5", "akl"),
    ("mix H1.23", "mix threshold=1.23"),
    ("tad K2 beta2 (rows = a sequence)", "tad k=2"), ("dhkd binarykl-norm", "dhkd"),
    ("mse", "mse centred=no"), ("mse centred", "mse"),
  ])
  func dense(name: String, words: String) throws {
    try expect(name, evaluate(words, input(.dense(examples.teacher))))
  }

  @Test(arguments: [
    ("bucket fkl", "ghost"), ("bucket fkl", "rkl fkl=1"), ("bucket rkl", "rkl"),
    ("bucket jsd 0.3", "jsd beta=0.3"), ("bucket skl 0.1", "skew"),
    ("bucket srkl 0.1", "skew-rkl"), ("bucket tvd", "tvd"),
    ("bucket ab 0.2 0.7", "ab tail=bucket"), ("bucket ab 0.5 0.5", "ab a=0.5 b=0.5"),
    ("bucket ab 0.6 0.4", "ab a=0.6 b=0.4 tail=bucket"), ("ab .2 .7 top2 spread", "ab"),
    ("zero jsd 0.3", "jsd beta=0.3 tail=drop"), ("zero skl 0.1", "skew tail=drop"),
    ("zero srkl 0.1", "skew-rkl tail=drop"), ("zero tvd", "tvd tail=drop"),
    ("smoothing (rest over all V)", "smoothing"), ("lbf paper K2", "lbf"),
    ("lbf code K2 (.9 CE + .1 KL)", "lbf form=code"), ("kd-topk K2", "kd-topk"),
  ])
  func top(name: String, words: String) throws {
    try expect(name, evaluate(words, input(.top(examples.topTwo()))))
  }

  @Test func topWithScalars() throws {
    let label = examples.topTwo([.label: examples.numbers("inputs", "label")])
    try expect("pld top2 store, label recorded", evaluate("pld", input(.top(label))))
    try expect("dkd a1 b2 top2 bucket, label", evaluate("dkd", input(.top(label))))
    try expect("kd-pt", evaluate("kd-pt", input(.top(label))))
    let entropy = examples.topTwo([.entropy: examples.numbers("inputs", "entropy")])
    try expect("mix H1.23 bucket", evaluate("mix threshold=1.23", input(.top(entropy))))
    let name = "ttm g.5 top2 bucket, power recorded"
    let power = examples.topTwo([.power: examples.numbers(name, "U")])
    try expect(name, evaluate("ttm", input(.top(power))))
  }

  @Test func draws() throws {
    let sets = [
      ReferenceSet(ids: [0, 2, 3], counts: [3, 6, 1]),
      ReferenceSet(ids: [0, 1, 3], counts: [1, 7, 2]),
    ]
    try expect("rs counts kl", evaluate("rskd", input(.drawn(sets, tau: 1))))
  }

  @Test func labelsAlone() throws {
    var input = input(.none)
    input.table = try #require(examples.matrix("kd-sim tau.3", "W"))
    input.groups = examples.numbers("kd-rel .7 .1", "groups").map { Int($0) }
    try expect("kd-sim tau.3", evaluate("kd-sim table=w", input))
    try expect("kd-rel .7 .1", evaluate("kd-rel groups=g", input))
  }

  @Test func otherVocabularies() throws {
    let teacher = try #require(examples.matrix("uld 5 vs 6", "zt6"))
    let dense = input(.dense(teacher))
    try expect("uld 5 vs 6", evaluate("uld", dense))
    try expect("gld k3 mean", evaluate("gld k=3", dense))
    try expect("gld k3 sum", evaluate("gld k=3 reduce=sum", dense))
    let sets = input(.top(examples.topTwo(of: teacher)))
    try expect("uld top2, zero tail", evaluate("uld tail=zero", sets))
  }

  /// The examples are sums over the group; the loss is a mean over its rows.
  @Test func distancesOfRows() throws {
    func sum(_ words: String, _ target: ReferenceTarget) throws -> ReferenceResult {
      let result = try evaluate(words, input(target))
      return ReferenceResult(
        loss: 2 * result.loss, gradient: result.gradient.map { $0.map { 2 * $0 } })
    }
    let dense = ReferenceTarget.dense(examples.teacher)
    try expect("sinkd T2 eps.1 n20", sum("sinkd group=2 temperature=2", dense))
    try expect("sinkd top2 zero tail T1", sum("sinkd group=2", .top(examples.topTwo())))
    let detached = try sum("sinkd group=2 temperature=2 detach=yes", dense)
    let expected = try #require(examples.matrix("sinkd T2 eps.1 n20", "gradient_detached"))
    for (row, other) in zip(detached.gradient, expected) { #expect(largest(row, other) < 1e-9) }
  }

  /// The gradients of these examples are central differences.
  @Test func correlations() throws {
    let name = "dist inter (3 rows)"
    let input = ReferenceInput(
      student: try #require(examples.matrix(name, "z3")),
      target: .dense(try #require(examples.matrix(name, "t3"))))
    try expect(name, evaluate("dist", input), tolerance: 1e-8)
    try expect(
      "dist intra (3 rows)", evaluate("dist inter=0 intra=1 group=3", input), tolerance: 1e-8)
  }

  @Test func partsOfTopScaled() throws {
    let choice = try ObjectiveChoice("topkd", options: ["k=2", "group=2"])
    let input = input(.dense(examples.teacher))
    let rows = input.rows(of: choice)
    let scaled = try #require(examples.matrix("topkd tdl", "scaled"))
    for (row, other) in zip(rows, scaled) {
      #expect(largest(LossReference.scaled(row, choice), other) < 1e-12)
    }
    let cosines = ReferenceResult(mean: LossReference.scaledCosines(rows, choice))
    let contrast = ReferenceResult(mean: LossReference.contrast(rows, choice))
    try expect("topkd tdl", cosines)
    try expect("topkd contrastive", contrast)
    let both = try LossReference.evaluate(choice, input)
    #expect(abs(both.loss - cosines.loss - contrast.loss) < 1e-12)
  }

  @Test func coinsOfADualHead() throws {
    let rows = input(.dense(examples.teacher)).rows(of: try ObjectiveChoice("dhkd"))
    try expect(
      "dhkd binarykl", ReferenceResult(mean: rows.map { LossReference.binaryKL($0, tau: 2) }))
    let name = "dhkd alignment"
    let merged = LossReference.aligned(
      label: examples.numbers(name, "g_ce"), distillation: examples.numbers(name, "g_kd"))
    #expect(largest(merged, examples.numbers(name, "merged")) < 1e-12)
  }

  @Test func scoresOfLinks() throws {
    let name = "llp-d"
    let input = ReferenceInput(
      student: try #require(examples.matrix(name, "student")),
      target: .dense(try #require(examples.matrix(name, "teacher"))))
    let choice = try ObjectiveChoice("llp")
    let rows = input.rows(of: choice)
    try expect(name, ReferenceResult(mean: rows.map { LossReference.scores($0) }))
    try expect(
      "llp-r margin .1", ReferenceResult(mean: rows.map { LossReference.ranks($0, margin: 0.1) }))
    let both = try LossReference.evaluate(choice, input)
    let links = try LossReference.links(choice, input, edges: [0.5, 0.25], labels: [1, 0])
    #expect(abs(both.loss - links.scores - links.ranks) < 1e-12)
    #expect(abs((links.edges ?? 0) - 0.49041462650586309) < 1e-12)
    #expect(abs(links.loss - both.loss - 0.049041462650586309) < 1e-12)
  }
}
