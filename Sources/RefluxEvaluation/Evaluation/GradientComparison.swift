internal import RefluxKernels
internal import RefluxMemory
public import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
public import RefluxSampling
public import RefluxStorage
public import RefluxTargets

/// Gradients of all weights from sparse targets beside those from the full teacher, at several
/// batch sizes: the paper's third table.
///
/// All are gradients of the mean forward KL over a batch's positions, as training takes them, in
/// the windows that training with the same packing has: see `WindowReader`; the
/// sparse targets are a sample store's sets, or are drawn from the teacher on the way. All targets
/// and sizes see the same windows, in the store's order: a batch of b windows is the sum of b
/// windows' gradients, so every window is differentiated once for the teacher and once for each
/// target, whatever the number of sizes. Random draws scatter around the full gradient and their
/// angle falls with the batch; the bias of a top-K set does not. Results do not depend on the
/// number of workers.
///
/// Memory: gradients and activations of a `TrainingPass` over the sizes' greatest common
/// divisor of windows, and 4 bytes per parameter and size, once for the teacher and once for each
/// target.
public final class GradientComparison {
  /// Windows of a batch, each size once, ascending.
  public let sizes: [Int]
  private let feed: FeedConfiguration
  /// Windows that are differentiated at once.
  private let unit: Int
  private let pass: any GradientPass
  private let teacher: any ForwardPass
  private let drawn: [SamplerConfiguration]
  /// Of each size, the sums over a batch: the teacher's gradient, then those of the targets.
  private let sums: [[View<Float>]]
  private let arena = Arena()

  /// - Parameters:
  ///   - teacher: on the same workers.
  ///   - window: context in tokens, that of the sample store.
  ///   - packing: how stores are cut into windows; that of the sample store.
  ///   - sizes: windows of a batch, at least one size, each 1...65,536.
  ///   - drawn: targets to be drawn from the teacher, beside the sets of a store.
  /// - Throws: ``EvaluationError`` where model, teacher and window do not fit.
  public init(
    _ model: any LanguageModel, teacher: any LanguageModel, window: Int,
    packing: Packing = .windows, sizes: [Int], drawn: [SamplerConfiguration] = []
  ) throws(EvaluationError) {
    let (found, expected) = (
      teacher.configuration.vocabularySize, model.configuration.vocabularySize
    )
    do { try VocabularyFit.check(teacher: found, student: expected) } catch {
      throw .modelFiles(error)
    }
    try EvaluationError.require("sizes of gradients", sizes.count, 1...64)
    for size in sizes { try EvaluationError.require("batch", size, FeedConfiguration.batchRange) }
    try EvaluationError.require("window", window, 1...model.maximumWindow)
    do { try teacher.requireWindow(window) } catch { throw .model(error) }
    let (arena, parameters) = (arena, model.table.count)
    let unit = sizes.reduce(0, Self.greatestDivisor)
    self.sizes = Set(sizes).sorted()
    self.unit = unit
    feed = .inOrder(batch: unit, window: window, packing)
    self.drawn = drawn
    pass = model.makeGradientPass(windows: unit, window: window, recomputes: false, rowsTogether: 1)
    self.teacher = teacher.makeForwardPass(windows: unit, window: window)
    // Memory of a target that is not used, the store's, is never touched.
    sums = self.sizes.map { _ in (0..<drawn.count + 2).map { _ in arena.take(parameters) } }
  }

  /// - Parameters:
  ///   - samples: sets of `tokens` with the comparison's window as context; nil for the drawn
  ///     targets alone.
  ///   - batches: the most batches of the largest size; smaller ones have as many more.
  ///   - progress: called with the windows done and in all; false stops early.
  /// - Returns: a figure for each target and size that had a whole batch: the store's first, then
  ///   in the order of the targets; sizes ascend.
  /// - Throws: ``EvaluationError`` where the stores do not fit or hold no batch of the largest
  ///   size.
  public func run(
    _ tokens: TokenStore, samples: SampleStore? = nil, batches: Int = 4,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> [GradientAngle] {
    try samples?.facts.requireProbabilities()
    do {
      for model in [pass.model, teacher.model] {
        try VocabularyFit.check(tokens, model: model.configuration.vocabularySize)
      }
      try samples?.check(for: tokens, model: pass.model.configuration.vocabularySize)
    } catch { throw EvaluationError.modelFiles(error) }
    let (reader, largest) = (
      try WindowReader.inOrder(tokens, samples, feed, hasTail: false), sizes[sizes.count - 1]
    )
    let whole = min(reader.count / largest, max(batches, 1))
    if whole < 1 {
      throw EvaluationError.tooFewTokens(found: tokens.count, needed: largest * feed.window + 1)
    }
    let targets = try GradientTargets(pass, teacher, samples: samples, drawn: drawn)
    var angles = sizes.map { _ in targets.names.map { _ in GradientAngleSums() } }
    for start in stride(from: 0, to: whole * largest, by: unit) {
      let records = (start..<start + unit).map(reader.records)
      try reader.withBatch(of: start..<start + unit) { batch in
        targets.fill(from: batch, records: records)
        try differentiate(batch, targets)
      }
      for (index, size) in sizes.enumerated() where (start + unit).isMultiple(of: size) {
        finishBatch(index, &angles[index])
      }
      if !progress(start + unit, whole * largest) { break }
    }
    return targets.names.indices.flatMap { target in
      sizes.indices.filter { angles[$0][target].batches > 0 }.map {
        angles[$0][target].mean(targets.names[target], batch: sizes[$0])
      }
    }
  }

  /// Adds the gradients of some windows to the sums of all sizes.
  private func differentiate(
    _ batch: borrowing Batch, _ targets: GradientTargets
  ) throws(EvaluationError) {
    _ = pass.run(batch.tokens, documents: batch.documents) { targets.full($0, $1, $2) }
    for sum in sums { add(pass.gradients, to: sum[0]) }
    for target in targets.names.indices {
      _ = pass.run(batch.tokens, documents: batch.documents) {
        targets.sparse(target, $0, $1, $2)
      }
      try targets.check()
      for sum in sums { add(pass.gradients, to: sum[1 + target]) }
    }
  }

  private func finishBatch(_ index: Int, _ angles: inout [GradientAngleSums]) {
    let full = sums[index][0]
    for target in angles.indices {
      let sparse = sums[index][1 + target]
      var (a, b, product) = (0.0, 0.0, 0.0)
      for element in 0..<sparse.count {
        let (x, y) = (Double(sparse[element]), Double(full[element]))
        a += x * x
        b += y * y
        product += x * y
      }
      angles[target].add(sparse: a, full: b, product: product)
      sparse.fill(0)
    }
    full.fill(0)
  }

  private static func greatestDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

extension GradientComparison {
  /// What a comparison takes beside the models, which have no memory.
  static func memory(
    _ model: any LanguageModel, teacher: any LanguageModel, window: Int, _ plan: GradientPlan,
    samples: SampleStore?
  ) throws(EvaluationError) -> MemoryNeed {
    try Arena.measure { () throws(EvaluationError) in
      let comparison = try GradientComparison(
        model, teacher: teacher, window: window, sizes: plan.sizes, drawn: plan.drawn)
      _ = try GradientTargets(
        comparison.pass, comparison.teacher, samples: samples, drawn: plan.drawn)
    }
  }
}

/// What a comparison of gradients looks at.
public struct GradientPlan: Sendable {
  /// Windows of a batch.
  public var sizes: [Int]
  /// Targets that are drawn from the teacher.
  public var drawn: [SamplerConfiguration]

  /// Takes the values as they are; ``GradientComparison`` checks them.
  public init(sizes: [Int], drawn: [SamplerConfiguration]) {
    self.sizes = sizes
    self.drawn = drawn
  }
}
