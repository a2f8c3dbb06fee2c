import Foundation
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxTargets
import TestSupport

/// The objectives of the stored runs.
enum StoredLoss: String, CaseIterable, Sendable {
  case ce, rskd, topk, fullkd

  var kind: TargetKind {
    switch self {
    case .ce: .label
    case .rskd: .sampled
    case .topk: .topk
    case .fullkd: .dense
    }
  }
}

/// A decoder with the weights of a stored model and the kernels' losses on the stored batch.
///
/// Everything that reads a view happens in its methods: views do not keep their memory alive.
final class ModelSetup<Element: Scalar> {
  let configuration: DecoderConfiguration
  let decoder: Decoder<Element>
  let workers: Workers
  private let arena = Arena()

  init(_ configuration: DecoderConfiguration, window: Int, workers count: Int = 1) throws {
    self.configuration = configuration
    workers = Workers(count: count)
    decoder = try Decoder(configuration, window: window, workers: workers)
  }

  /// A stored model.
  convenience init(_ model: String, workers: Int = 1) throws {
    let json = try StoredRun.configuration(model)
    try self.init(
      DecoderConfiguration(json: json), window: StoredRun.load().window, workers: workers)
    let stored = try StoredRun.weights(model)
    setWeights { stored.floats($0) }
  }

  func setWeights(_ values: (_ name: String) -> [Float]) {
    for entry in decoder.table.entries {
      decoder.weights.slice(entry.offset, entry.count).copy(from: values(entry.name).span)
    }
    decoder.weightsChanged()
  }

  func addToWeights(_ direction: [Float], at offset: Int, times factor: Float) {
    for (index, value) in direction.enumerated() {
      decoder.weights[offset + index] += factor * value
    }
    decoder.weightsChanged()
  }

  var weights: [Float] { (0..<decoder.weights.count).map { decoder.weights[$0] } }

  /// Logits of whole windows, row after row.
  func logits(_ tokens: [UInt32], documents: [UInt32] = [], window: Int) -> [Float] {
    let pass = InferencePass(decoder, windows: tokens.count / window, window: window)
    return withExtendedLifetime(pass) {
      pass.run(tokens.span, documents: documents.span)
      return logits(pass, 0..<tokens.count)
    }
  }

  /// Logits of one window whose tokens come in pieces.
  func logits(extending pieces: [[UInt32]], window: Int) -> [Float] {
    let pass = InferencePass(decoder, windows: 1, window: window)
    var (start, result) = (0, [Float]())
    for piece in pieces {
      result += withExtendedLifetime(pass) {
        pass.extend(piece.span, from: start)
        return logits(pass, start..<start + piece.count)
      }
      start += piece.count
    }
    return result
  }

  private func logits(_ pass: InferencePass<Element>, _ rows: Range<Int>) -> [Float] {
    let output: Matrix<Float> = arena.takeMatrix(rows.count, configuration.vocabularySize)
    pass.logits(rows, into: output, worker: 0)
    return (0..<output.elements.count).map { output.elements[$0] }
  }

  /// Mean forward KL and gradients of a batch of windows; `target` says what a row learns from.
  func train(
    _ tokens: [UInt32], documents: [UInt32] = [], window: Int, passes: Int = 1,
    recomputes: Bool = false, from kind: TargetKind = .label, target: (_ row: Int) -> RowTarget
  ) -> (loss: Double, gradients: [Float]) {
    let pass = TrainingPass(
      decoder, windows: tokens.count / window, window: window, recomputes: recomputes)
    let (scale, arena) = (1 / Double(tokens.count), Arena())
    let losses = (0..<workers.count).map { _ in
      RowLoss.forwardKL(
        from: kind, vocabularySize: configuration.vocabularySize, arena: arena)
    }
    var total = 0.0
    for _ in 0..<passes {
      withoutActuallyEscaping(target) { target in
        let targets = Targets(body: target)
        total = pass.run(tokens.span, documents: documents.span) { rows, logits, worker in
          rows.enumerated().reduce(0) { sum, row in
            let (logits, target) = (logits.row(row.offset), targets.body(row.element))
            return sum + losses[worker].gradient(logits, target, scale: scale).loss
          }
        }
      }
    }
    return withExtendedLifetime((pass, arena)) {
      (total / Double(tokens.count), (0..<pass.gradients.count).map { pass.gradients[$0] })
    }
  }

  func gradient(_ name: String, in gradients: [Float]) -> [Float] {
    let entry = decoder.table.entries.first { $0.name == name }!
    return Array(gradients[entry.offset..<entry.offset + entry.count])
  }
}

/// Targets of rows, by several workers.
private struct Targets: @unchecked Sendable {
  // Safe because: the tests' targets are read from constant arrays, each row's by one worker.
  let body: (Int) -> RowTarget
}

/// The stored batch of the first step under each of the stored losses.
struct StoredBatch {
  let tokens: [UInt32]
  let labels: [UInt32]
  let window: Int
  private let data: StoredData
  private let rounds: Float
  private let teacherLogits: [[Float]]
  private let arena = Arena()

  init() throws {
    let run = try StoredRun.load()
    data = try StoredRun.data()
    window = run.window
    rounds = Float(run.rounds)
    tokens = Array(data.tokens[0..<run.batch * run.window])
    labels = Array(data.tokens[1...run.batch * run.window])
    let teacher = try ModelSetup<Float>("teacher")
    let flat = teacher.logits(tokens, window: window)
    let width = teacher.configuration.vocabularySize
    teacherLogits = (0..<tokens.count).map { Array(flat[$0 * width..<($0 + 1) * width]) }
  }

  func run<Element>(
    _ setup: ModelSetup<Element>, _ kind: StoredLoss, passes: Int = 1
  ) -> (loss: Double, gradients: [Float]) {
    let targets = tokens.indices.map { target(kind, $0) }
    return setup.train(tokens, window: window, passes: passes, from: kind.kind) { targets[$0] }
  }

  /// What a row learns from; for `fullkd` a fresh copy of the teacher's logits.
  private func target(_ kind: StoredLoss, _ row: Int) -> RowTarget {
    switch kind {
    case .ce: RowTarget(label: Int(labels[row]))
    case .rskd:
      RowTarget(
        set: set(data.samples[row].ids, data.samples[row].counts.map { Float($0) / rounds }))
    case .topk: RowTarget(set: set(data.top[row].ids, data.top[row].weights))
    case .fullkd: RowTarget(teacher: placed(teacherLogits[row]))
    }
  }

  private func set(_ ids: [UInt32], _ weights: [Float]) -> SampleSet {
    let view: View<UInt32> = arena.take(ids.count)
    view.copy(from: ids.span)
    return SampleSet(ids: view, weights: placed(weights))
  }

  private func placed(_ values: [Float]) -> View<Float> {
    let view: View<Float> = arena.take(values.count)
    view.copy(from: values.span)
    return view
  }
}
