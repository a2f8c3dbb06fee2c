internal import RefluxKernels
internal import RefluxMemory
public import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxProfiling
public import RefluxStorage
public import RefluxTargets

/// Evaluates a model on the windows of a token store, in order.
///
/// Windows are those that training with the same packing has, and a last, shorter one of the tokens
/// that are too few for another: see `WindowReader`. Windows do not overlap; the label of a
/// window's last position is the next window's first token. Positions whose label is of another
/// document do not count where the packing keeps documents apart. Sums are taken in the order of
/// the shares, so figures do not depend on the number of workers.
public final class Evaluator {
  let pass: any ForwardPass
  let teacher: (any ForwardPass)?
  let feed: FeedConfiguration
  private let bins: Int

  /// Bins of a calibration.
  public static var binRange: ClosedRange<Int> { 1...1000 }

  /// - Parameters:
  ///   - window: context in tokens.
  ///   - packing: how stores are cut into windows; that of the samples, where there are any.
  ///   - batch: windows at a time.
  ///   - teacher: for the acceptance; on the same workers.
  ///   - bins: of the calibration, in ``binRange``.
  public init(
    _ model: any LanguageModel, window: Int, packing: Packing = .windows, batch: Int = 16,
    teacher: (any LanguageModel)? = nil, bins: Int = 15
  ) throws(EvaluationError) {
    let vocabulary = model.configuration.vocabularySize
    if let other = teacher?.configuration.vocabularySize {
      do { try VocabularyFit.check(teacher: other, student: vocabulary) } catch {
        throw .modelFiles(error)
      }
    }
    try EvaluationError.require("window", window, 1...model.maximumWindow)
    try EvaluationError.require("batch", batch, FeedConfiguration.batchRange)
    try EvaluationError.require("bins", bins, Self.binRange)
    self.bins = bins
    do { try teacher?.requireWindow(window) } catch { throw .model(error) }
    feed = .inOrder(batch: batch, window: window, packing)
    pass = model.makeForwardPass(windows: batch, window: window)
    self.teacher = teacher?.makeForwardPass(windows: batch, window: window)
  }

  /// - Parameters:
  ///   - samples: also report the mean KL from these sets, which must belong to `tokens`, have been
  ///     made in the same windows and estimate the teacher's own probabilities.
  ///   - limit: at most so many positions, at least 1: the last window is cut there.
  ///   - progress: called with the tokens done and in all; false stops early.
  /// - Throws: ``EvaluationError``: `modelFiles` where vocabularies differ; `feed` where the stores
  ///   do not fit each other or the windows, or cannot be read; `otherTarget` for sets of a power
  ///   or a temperature; `noLabels`; `logits`.
  public func run(
    _ tokens: TokenStore, samples: SampleStore? = nil, limit: Int = .max,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> EvaluationReport {
    try samples?.facts.requireProbabilities()
    let reader = try windows(of: tokens, samples, feed, hasTail: true)
    let (window, batch) = (feed.window, min(feed.batch, reader.count))
    let isAll = limit >= tokens.count - 1
    let windows = isAll ? reader.count : min(reader.count, max((limit - 1) / window + 1, 1))
    let clock = Stopwatch()
    let rows = EvaluationRows(
      pass, rows: batch * window, teacher: teacher, samples: samples, bins: bins)
    for first in stride(from: 0, to: windows, by: batch) {
      let part = first..<min(first + batch, windows)
      let wanted = isAll ? part.count * window : min(limit - first * window, part.count * window)
      try reader.withBatch(of: part) { batch in
        try add(batch, part, wanted: wanted, reader, to: rows)
      }
      if !progress(min(part.upperBound * window, limit), min(windows * window, limit)) { break }
    }
    return try rows.report(seconds: clock.seconds)
  }

  func windows(
    of tokens: TokenStore, _ samples: SampleStore?, _ feed: FeedConfiguration, hasTail: Bool
  ) throws(EvaluationError) -> WindowReader {
    do throws(ModelFilesError) {
      for model in [pass.model, teacher?.model].compactMap({ $0 }) {
        try VocabularyFit.check(tokens, model: model.configuration.vocabularySize)
      }
      try samples?.check(for: tokens, model: pass.model.configuration.vocabularySize)
    } catch { throw .modelFiles(error) }
    return try .inOrder(tokens, samples, feed, hasTail: hasTail)
  }

  private func add(
    _ batch: borrowing Batch, _ windows: Range<Int>, wanted: Int, _ reader: WindowReader,
    to rows: EvaluationRows
  ) throws(EvaluationError) {
    let count = windows.count * feed.window
    let documents = batch.documents.extracting(first: count)
    let inputs = batch.tokens.extracting(first: count)
    rows.fill(from: batch, rows: count)
    rows.leaveOut(wanted..<count)
    pass.run(inputs, documents: documents)
    teacher?.run(inputs, documents: documents)
    if let badRow = rows.add(rows: count) {
      let (window, place) = badRow.quotientAndRemainder(dividingBy: feed.window)
      throw .logits(position: reader.records(of: windows.lowerBound + window)[place])
    }
  }
}

extension FeedConfiguration {
  /// How a store that is gone through in its own order is cut.
  static func inOrder(batch: Int, window: Int, _ packing: Packing) -> FeedConfiguration {
    var feed = FeedConfiguration(batch: batch, window: window, order: .sequential)
    feed.packing = packing
    return feed
  }
}

extension WindowReader {
  /// The windows of a store that stands for itself, as training with the same packing has them.
  static func inOrder(
    _ tokens: TokenStore, _ samples: SampleStore?, _ feed: FeedConfiguration, hasTail: Bool
  ) throws(EvaluationError) -> WindowReader {
    do throws(FeedError) {
      return try WindowReader(
        FeedSource(name: "the store", tokens: tokens, samples: samples), configuration: feed,
        hasTail: hasTail)
    } catch { throw .feed(error) }
  }
}

/// Figures of a model on held-out tokens.
public struct EvaluationReport: Sendable {
  /// Labels that count.
  public var tokens: Int
  /// Mean natural-log cross-entropy.
  public var lmLoss: Double
  /// The teacher's own, on the same labels; nil without a teacher.
  public var teacherLoss: Double?
  /// Confidence against accuracy of the most probable next tokens.
  public var calibration: Calibration
  /// Mean of sum_v min(teacher_v, student_v), in percent; nil without a teacher.
  public var acceptancePercent: Double?
  /// Positions where the teacher's most probable id is also the model's, in percent; nil without a
  /// teacher.
  public var topOneAgreementPercent: Double?
  /// Acceptance estimated from the sample sets; nil without samples.
  public var sampleAcceptance: SampleAcceptance?
  /// Mean forward KL from the sample sets, in nats; nil without samples.
  public var sampleKL: Double?
  /// Positions evaluated per second, the teacher included where there is one.
  public var tokensPerSecond: Double

  /// e^``lmLoss``, at least 1.
  public var perplexity: Double { exp(lmLoss) }
  /// Expected calibration error, 0...100.
  public var ecePercent: Double { calibration.errorPercent }
}
