internal import RefluxMemory
internal import RefluxModel
internal import RefluxSampling
internal import RefluxStorage

/// Logits of the whole vocabulary that were made elsewhere, read as they are drawn from.
final class DenseSource: CaptureSource {
  private let file: LogitsFile
  private let drawing: CaptureDrawing

  init(
    _ file: LogitsFile, _ configuration: CaptureConfiguration, ids: Int, _ workers: Workers
  ) throws(CaptureError) {
    do {
      drawing = try CaptureDrawing(
        configuration, vocabularySize: file.columns, ids: ids, workers: workers)
    } catch { throw .sampling(error) }
    self.file = file
  }

  var capacity: Int { drawing.capacity }
  var isWeighted: Bool { drawing.isWeighted }
  var hash: UInt64 { file.fingerprint }
  var notes: [String: String] { file.notes }
  var times: CaptureTimes {
    let drawn = drawing.times
    return CaptureTimes(forward: drawn.logits, sampling: drawn.drawing)
  }

  func fill(_ sets: CaptureSets, _ group: CaptureGroup) throws(CaptureError) {
    let (file, wanted) = (file, group.wanted)
    do throws(CaptureError) {
      try drawing.fill(sets, group, rows: wanted.count) {
        wanted.lowerBound + $0
      } logits: { rows, logits, _ in
        let first = wanted.lowerBound + rows.lowerBound
        file.readValues(rows: first..<first + rows.count, into: logits.elements)
      }
    } catch {
      try file.checkWhole()
      throw error.ofFile
    }
    try file.checkWhole()
    file.drop(rows: wanted)
  }
}

extension CaptureError {
  /// What is wrong with a row, in the words of whoever reads a file.
  fileprivate var ofFile: CaptureError {
    switch self {
    case .sampling(.badLogit(let found, let id, let position)):
      .foreignRow(
        Int(position), "id \(id) is \(found), expected a finite number, or -inf for no probability")
    case .sampling(.noProbability(let position)):
      .foreignRow(Int(position), "no id has any probability")
    default: self
    }
  }
}
