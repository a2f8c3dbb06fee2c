internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxProfiling
internal import RefluxStorage
internal import RefluxTargets

/// A teacher that runs over the windows of a token store.
final class TeacherSource: CaptureSource {
  let hash: UInt64
  private let pass: any ForwardPass
  private let reader: RunReader
  private let drawing: CaptureDrawing
  private var hiddenSeconds = 0.0

  /// Takes the memory of one group of windows, and of some rows of logits for each worker.
  /// Nothing is drawn beyond the ids of `tokens`.
  init(
    _ teacher: any LanguageModel, _ configuration: CaptureConfiguration, _ tokens: TokenStore
  ) throws(CaptureError) {
    do {
      drawing = try CaptureDrawing(
        configuration, vocabularySize: teacher.configuration.vocabularySize,
        ids: tokens.vocabularySize,
        workers: teacher.workers)
    } catch { throw .sampling(error) }
    hash = teacher.fingerprint
    pass = teacher.makeForwardPass(
      windows: configuration.batch, window: configuration.context)
    reader = RunReader(
      tokens, window: configuration.context, runs: configuration.batch,
      marksDocuments: configuration.packing.marksDocuments)
  }

  var capacity: Int { drawing.capacity }
  var isWeighted: Bool { drawing.isWeighted }
  var notes: [String: String] { [:] }

  var times: CaptureTimes {
    let drawn = drawing.times
    return CaptureTimes(forward: hiddenSeconds + drawn.logits, sampling: drawn.drawing)
  }

  func fill(_ sets: CaptureSets, _ group: CaptureGroup) throws(CaptureError) {
    let clock = Stopwatch()
    try run(group)
    hiddenSeconds += clock.seconds
    try drawing.fill(sets, group, rows: group.rows) {
      group.record(ofRow: $0)
    } logits: { [pass] rows, logits, worker in
      pass.logits(rows, into: logits, worker: worker)
    }
  }

  private func run(_ group: CaptureGroup) throws(CaptureError) {
    do throws(StoreError) {
      try reader.withBatch(of: group.windows) { batch in
        pass.run(
          batch.tokens.extracting(first: group.rows),
          documents: batch.documents.extracting(first: group.rows))
      }
    } catch { throw .store(error) }
  }
}
