internal import RefluxKernels
internal import RefluxModel
internal import RefluxProfiling
internal import RefluxStorage

/// A teacher that runs over the windows of a token store.
final class TeacherSource<Element: Scalar>: CaptureSource {
  let hash: UInt64
  private let pass: InferencePass<Element>
  private let drawing: CaptureDrawing
  private var hiddenSeconds = 0.0

  /// Takes the memory of one group of windows, and of some rows of logits for each worker.
  init(
    _ teacher: Decoder<Element>, _ configuration: CaptureConfiguration
  ) throws(TrainingError) {
    do {
      drawing = try CaptureDrawing(
        configuration, vocabularySize: teacher.configuration.vocabularySize,
        workers: teacher.workers)
    } catch { throw .sampling(error) }
    hash = teacher.fingerprint
    pass = InferencePass(teacher, windows: configuration.batch, window: configuration.context)
  }

  var capacity: Int { drawing.capacity }
  var isWeighted: Bool { drawing.isWeighted }
  var notes: [String: String] { [:] }

  var times: CaptureTimes {
    let drawn = drawing.times
    return CaptureTimes(forward: hiddenSeconds + drawn.logits, sampling: drawn.drawing)
  }

  func fill(_ sets: CaptureSets, _ group: CaptureGroup) throws(TrainingError) {
    let clock = Stopwatch()
    let (ids, documents) = (group.rowTokens(), group.rowDocuments())
    let hidden = pass.hidden(ids.span, documents: documents.span)
    hiddenSeconds += clock.seconds
    let decoder = pass.decoder
    try drawing.fill(sets, group, rows: group.rows) {
      group.record(ofRow: $0)
    } logits: { rows, logits, worker in
      decoder.logits(
        hidden.rows(rows.lowerBound, rows.count), into: logits, worker: worker)
    }
  }
}
