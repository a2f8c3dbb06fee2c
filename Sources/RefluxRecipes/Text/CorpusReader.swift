internal import Dispatch
internal import RefluxBytes
internal import RefluxFiles
internal import RefluxJSON
internal import Synchronization

/// Reads a corpus piece by piece: workers look at many pieces at once, one place gets what they
/// made, in the order of the corpus.
///
/// The work is cut by bytes alone and handed on in order, so the result does not depend on the
/// number of workers. Memory: what is made of 16 MiB of text, or of one piece if that is larger.
struct CorpusReader: Sendable {
  let corpus: TextCorpus
  /// The member of a JSON line that holds the text.
  let field: String
  var onBadLine = BadLinePolicy.stop
  let workers: Int
  var cutter = TextCutter.lines
  let isInterrupted: @Sendable () -> Bool

  /// The text that is in work at one time.
  private static let waveBytes = 16 << 20
  /// Bounds the files that are mapped at one time.
  private static let wavePieces = 4096

  /// Calls `work` for each piece on a worker and `deliver` for each result in order.
  ///
  /// - Throws: the error of the first piece in order that has one, what `deliver` throws, or
  ///   `interrupted`, which is asked for at every piece.
  func forEachPiece<Made: Sendable>(
    _ work: @Sendable (TextPiece) throws(RecipeError) -> Made,
    deliver: (Made) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    var wave: [TextPiece] = []
    var bytes = 0
    for file in corpus.files {
      for piece in TextPiece.cut(file, mapped: try file.map(), cutter) {
        wave.append(piece)
        bytes += piece.range.count
        if bytes < Self.waveBytes && wave.count < Self.wavePieces { continue }
        try run(wave, work, deliver)
        (wave, bytes) = ([], 0)
      }
    }
    try run(wave, work, deliver)
  }

  private func run<Made: Sendable>(
    _ wave: [TextPiece], _ work: @Sendable (TextPiece) throws(RecipeError) -> Made,
    _ deliver: (Made) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    for result in results(of: wave, work) {
      // Workers leave pieces out when they are interrupted, and only then.
      guard let result, !isInterrupted() else { throw .interrupted }
      try deliver(try result.get())
    }
  }

  private func results<Made: Sendable>(
    of wave: [TextPiece], _ work: @Sendable (TextPiece) throws(RecipeError) -> Made
  ) -> [Result<Made, RecipeError>?] {
    let results = Mutex([Result<Made, RecipeError>?](repeating: nil, count: wave.count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(workers, wave.count)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < wave.count, !isInterrupted() else { return }
        let result = Result { () throws(RecipeError) in try work(wave[index]) }
        results.withLock { $0[index] = result }
      }
    }
    return results.withLock { $0 }
  }
}

// MARK: Documents

extension CorpusReader {
  /// Calls `body` with the bytes of each document in `piece`, or with the part of one.
  ///
  /// - Throws: `file` where another process shortened the file meanwhile, and `jsonLine`.
  @discardableResult
  func forEachText(
    in piece: TextPiece, _ body: ([UInt8]) -> Void
  ) throws(RecipeError) -> LineCounts {
    let counts: LineCounts
    do {
      counts = try readTexts(in: piece, body)
    } catch {
      // What was cut off reads as zeros, which make no JSON.
      try Self.checkWhole(piece)
      throw error
    }
    try Self.checkWhole(piece)
    return counts
  }

  private static func checkWhole(_ piece: TextPiece) throws(RecipeError) {
    do { try piece.mapped.checkWhole() } catch { throw .file(path: piece.file.path, error) }
  }

  private func readTexts(
    in piece: TextPiece, _ body: ([UInt8]) -> Void
  ) throws(RecipeError) -> LineCounts {
    let bytes = piece.mapped.bytes
    var start = piece.range.lowerBound
    // The byte order mark of UTF-8 is no text.
    if start == 0, bytes.startsWithMark { start = min(3, piece.range.upperBound) }
    var counts = LineCounts()
    if piece.file.layout == .document {
      body([UInt8](bytes.extracting(start..<piece.range.upperBound)))
      return counts
    }
    while start < piece.range.upperBound {
      var end = start
      while end < piece.range.upperBound, bytes.byte(at: end) != 0x0A { end += 1 }
      let line = [UInt8](bytes.extracting(start..<end))
      if !line.allSatisfy(Self.isSpace) {
        do throws(JSONLineError) {
          if let text = try text(in: line, &counts) { body(text) }
        } catch {
          let number = Self.lineNumber(of: start, in: bytes)
          throw .jsonLine(path: piece.file.path, line: number, error)
        }
      }
      start = end + 1
    }
    return counts
  }

  /// The text of a line; nil where the policy leaves it out.
  private func text(
    in line: [UInt8], _ counts: inout LineCounts
  ) throws(JSONLineError) -> [UInt8]? {
    do throws(JSONLineError) {
      let (text, isRepaired) = try text(in: line)
      if isRepaired {
        if onBadLine != .replace { throw .brokenText(field: field) }
        counts.repaired += 1
      }
      return text
    } catch {
      if onBadLine == .stop { throw error }
      counts.skipped += 1
      return nil
    }
  }

  private func text(
    in line: [UInt8]
  ) throws(JSONLineError) -> (text: [UInt8], isRepaired: Bool) {
    let member: JSONMemberText
    do { member = try JSONMemberText(of: field, in: line.span) } catch { throw .malformed(error) }
    switch member.content {
    case .text(let text): return (text, member.isRepaired)
    case .missing: throw .missingField(field)
    case .other(let found): throw .notAString(field: field, found: found)
    case .notAnObject(let found): throw .notAnObject(found: found)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D
  }

  /// The number of the line that starts at `offset`, from 1.
  private static func lineNumber(of offset: Int, in bytes: RawSpan) -> Int {
    var number = 1
    for index in 0..<offset where bytes.byte(at: index) == 0x0A { number += 1 }
    return number
  }
}

/// What becomes of a line that should be a JSON object with a text and is not quite.
public enum BadLinePolicy: String, Sendable, CaseIterable {
  /// The line ends the work.
  case stop
  /// The line is left out and counted.
  case skip
  /// Lone surrogates and bytes that are no UTF-8 become U+FFFD, and the line is counted; lines
  /// without a text are left out as with ``skip``.
  case replace
}

/// Lines that were not taken as they are.
public struct LineCounts: Equatable, Sendable {
  /// Left out.
  public var skipped = 0
  /// Taken with U+FFFD in place of what is no text.
  public var repaired = 0

  /// None.
  public init() {}

  /// Adds those of another part.
  public static func += (sum: inout LineCounts, other: LineCounts) {
    sum.skipped += other.skipped
    sum.repaired += other.repaired
  }
}
