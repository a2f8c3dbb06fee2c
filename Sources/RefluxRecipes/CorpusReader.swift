internal import Dispatch
internal import RefluxBytes
internal import RefluxFiles
internal import Synchronization

/// Reads a corpus piece by piece: workers look at many pieces at once, one place gets what they
/// made, in the order of the corpus.
///
/// The work is cut by bytes alone and handed on in order, so the result does not depend on the
/// number of workers. Memory: what is made of `waveBytes` of text.
struct CorpusReader {
  let corpus: TextCorpus
  let field: String
  let workers: Int
  let observer: RunObserver

  /// The text that is in work at one time, at least.
  private static let waveBytes = 16 << 20

  /// Calls `work` for each piece on a worker and `deliver` for each result in order.
  ///
  /// - Throws: the error of the first piece in order that has one, what `deliver` throws, or
  ///   `interrupted`, which is asked for between waves.
  func forEachPiece<Made: Sendable>(
    _ work: @escaping @Sendable (TextPiece) throws(RecipeError) -> Made,
    deliver: (TextPiece, Made) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    var wave: [TextPiece] = []
    var bytes = 0
    for (index, file) in corpus.files.enumerated() {
      for piece in TextPiece.cut(file, mapped: try TextCorpus.map(file.path)) {
        wave.append(piece)
        bytes += piece.range.count
        if bytes < Self.waveBytes { continue }
        try run(wave, work, deliver)
        (wave, bytes) = ([], 0)
      }
      _ = index
    }
    try run(wave, work, deliver)
  }

  private func run<Made: Sendable>(
    _ wave: [TextPiece], _ work: @escaping @Sendable (TextPiece) throws(RecipeError) -> Made,
    _ deliver: (TextPiece, Made) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    if observer.isInterrupted() { throw .interrupted }
    let results = Mutex([Result<Made, RecipeError>?](repeating: nil, count: wave.count))
    let next = Atomic(0)
    let observer = observer
    DispatchQueue.concurrentPerform(iterations: min(workers, wave.count)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < wave.count else { return }
        let result = Result { () throws(RecipeError) in try work(wave[index]) }
        results.withLock { $0[index] = result }
        observer.advanced(wave[index].range.count)
      }
    }
    let made = results.withLock { $0 }
    for (piece, result) in zip(wave, made) {
      guard let result else { preconditionFailure("a piece was left out") }
      try deliver(piece, try result.get())
    }
  }

  /// Calls `body` with the bytes of each document, or part of one, in `piece`.
  func forEachText(
    in piece: TextPiece, _ body: (RawSpan) -> Void
  ) throws(RecipeError) {
    try Self.forEachText(in: piece, field: field, body)
  }

  static func forEachText(
    in piece: TextPiece, field: String, _ body: (RawSpan) -> Void
  ) throws(RecipeError) {
    let bytes = piece.mapped.bytes
    if piece.file.layout == .document { return body(bytes.extracting(piece.range)) }
    var start = piece.range.lowerBound
    while start < piece.range.upperBound {
      var end = start
      while end < piece.range.upperBound, bytes.byte(at: end) != 0x0A { end += 1 }
      let line = bytes.extracting(start..<end)
      if !JSONLine.isBlank(line) {
        do throws(JSONLineError) {
          let text = try JSONLine.text(of: field, in: line)
          body(text.span.bytes)
        } catch {
          let number = lineNumber(of: start, in: bytes)
          throw .jsonLine(path: piece.file.path, line: number, error)
        }
      }
      start = end + 1
    }
  }

  /// The number of the line that starts at `offset`, from 1.
  private static func lineNumber(of offset: Int, in bytes: RawSpan) -> Int {
    var number = 1
    for index in 0..<offset where bytes.byte(at: index) == 0x0A { number += 1 }
    return number
  }
}
