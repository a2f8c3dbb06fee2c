import Foundation
import LearningSupport
import RefluxLosses
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Numbers that stores keep beside the sets, in the losses of a run.
struct RecordedScalarTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private static let ids: [UInt32] = [3, 17, 40]
  private static let weights: [Float] = [0.51, 0.27, 0.11]
  /// Not what the rounded weights add up to, nor what they say of any label.
  private static let scalars: [TargetScalar: Float] = [.mass: 0.88, .label: 0.07]

  /// The same set everywhere, with weights as 16-bit floats or 20 draws.
  private func store(_ kind: TargetKind, _ scalars: [TargetScalar]) throws -> SampleStore {
    let path = setup.folder.file(UUID().uuidString + ".rfx")
    var provenance = setup.provenance(kind == .topk ? "topk" : "multinomial")
    provenance.rounds = kind == .topk ? 3 : 20
    var configuration = SampleStoreConfiguration(
      vocabularySize: TrainingSetup.vocabulary, capacity: 20,
      values: kind == .topk ? .float16 : .counts, provenance: provenance)
    configuration.extras = TargetScalar.allCases.filter(scalars.contains)
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    let extras = configuration.extras.map { Self.scalars[$0] ?? 0 }
    for _ in 0..<setup.tokens.count {
      if kind == .topk {
        try writer.append(ids: Self.ids, weights: Self.weights, extras: extras)
      } else {
        try writer.append(ids: Self.ids, counts: [11, 7, 2], extras: extras)
      }
    }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  private func configuration(_ choice: ObjectiveChoice, _ kind: TargetKind) -> TrainingConfiguration
  {
    var configuration = setup.configuration(.ce)
    (configuration.objective, configuration.kind) = (choice, kind)
    configuration.steps = 6
    return configuration
  }

  private func trainer(
    _ choice: ObjectiveChoice, _ kind: TargetKind, _ stores: [SampleStore],
    checkpoint: String? = nil
  ) throws -> Trainer {
    let sources = stores.enumerated().map { index, store in
      FeedSource(name: "store \(index)", tokens: setup.tokens, samples: store)
    }
    return try Trainer(
      configuration(choice, kind), decoder: setup.decoder("plain", workers: Workers(count: 2)),
      sources: sources, checkpointPath: checkpoint)
  }

  /// The first step's loss in float64.
  private func expected(
    _ choice: ObjectiveChoice, _ kind: TargetKind, _ scalars: [TargetScalar]
  ) throws -> Double {
    let (batch, window) = (setup.run.batch, setup.run.window)
    let p = try setup.probabilities("plain", 0..<batch * window, windows: batch)
    let known = Dictionary(
      uniqueKeysWithValues: scalars.map { ($0, Double(Self.scalars[$0] ?? 0)) })
    let weights = kind == .topk ? Self.weights.map { Double(Float16($0)) } : [0.55, 0.35, 0.1]
    let sets = p.map { _ in
      ReferenceSet(ids: Self.ids.map(Int.init), weights: weights, scalars: known)
    }
    let labels = setup.data.tokens[1...batch * window].map(Int.init)
    let input = ReferenceInput(
      student: p.map { $0.map { log($0) } }, labels: labels,
      target: kind == .topk ? .top(sets) : .drawn(sets, tau: 1))
    return try LossReference.evaluate(choice, input).loss
  }

  @Test(arguments: [
    ("ghost", TargetKind.topk, TargetScalar.mass), ("jsd:beta=0.3", .topk, .mass),
    ("rkl", .topk, .mass), ("tvd", .topk, .mass), ("akl", .topk, .mass), ("uld", .topk, .mass),
    ("ab", .topk, .mass), ("kd-pt", .sampled, .label),
  ])
  func whatIsWelcomeIsReadWhereAllStoresKeepIt(
    text: String, kind: TargetKind, scalar: TargetScalar
  ) throws {
    let choice = try ObjectiveChoice(parsing: text)
    let with = try trainer(choice, kind, [store(kind, [.mass, .label])]).reports()[0].loss
    let without = try trainer(choice, kind, [store(kind, [])]).reports()[0].loss
    let (a, b) = (try expected(choice, kind, [scalar]), try expected(choice, kind, []))
    #expect(abs(with - a) < 1e-5 * (1 + a), "\(with) \(a)")
    #expect(abs(without - b) < 1e-5 * (1 + b), "\(without) \(b)")
    #expect(abs(a - b) > 1e-3)
    // One that does not keep it is enough to read none.
    let mixed = try trainer(choice, kind, [store(kind, [scalar]), store(kind, [])])
    let plain = try trainer(choice, kind, [store(kind, []), store(kind, [])])
    #expect(try mixed.reports().map(\.loss) == plain.reports().map(\.loss))
  }

  @Test func whatIsNeededIsRead() throws {
    for (choice, kind) in [(ObjectiveChoice(.pld), TargetKind.topk), (.init(.dkd), .sampled)] {
      let found = try trainer(choice, kind, [store(kind, [.label])]).reports()[0].loss
      let reference = try expected(choice, kind, [.label])
      #expect(abs(found - reference) < 1e-5 * (1 + reference), "\(choice): \(found) \(reference)")
    }
  }

  /// A resumed run reads the same; one whose stores keep less is another.
  @Test func resumedRunsReadTheSame() throws {
    let choice = ObjectiveChoice(.ghost)
    let (full, bare) = (try store(.topk, [.mass]), try store(.topk, []))
    let whole = try trainer(choice, .topk, [full])
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint")
    let first = try trainer(choice, .topk, [full], checkpoint: path)
    var reports = try first.reports(until: 3)
    let second = try trainer(choice, .topk, [full], checkpoint: path)
    #expect(try second.restoreCheckpoint())
    reports += try second.reports()
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(second.weights == whole.weights)
    let third = try trainer(choice, .topk, [bare], checkpoint: path)
    let error = #expect(throws: TrainingError.self) { try third.restoreCheckpoint() }
    #expect("\(try #require(error))".contains("numbers beside the sets mass, here none"))
  }

  /// Draws of other distributions are no blend, and the refusal names both stores.
  @Test func otherDistributionsAreNoBlend() throws {
    func store(_ change: (inout StoreProvenance) -> Void) throws -> SampleStore {
      var provenance = setup.provenance("multinomial")
      change(&provenance)
      return try setup.drawn(UUID().uuidString + ".rfx", provenance: provenance)
    }
    let plain = try store { _ in }
    let others = [
      try store { ($0.tau, $0.isCorrected) = (0.5, false) }, try store { $0.temperature = 2 },
    ]
    for (other, what) in zip(others, ["p^0.5, not corrected, temperature 1", "p, temperature 2"]) {
      let error = #expect(throws: TrainingError.self) {
        _ = try trainer(ObjectiveChoice(.rskd), .sampled, [plain, other])
      }
      #expect(
        "\(try #require(error))" == """
          the sets of store 0 (p, temperature 1) and of store 1 (\(what)) are of different \
          distributions; a run learns from one
          """)
    }
    _ = try trainer(ObjectiveChoice(.rskd), .sampled, [plain, store { _ in }])
  }
}
