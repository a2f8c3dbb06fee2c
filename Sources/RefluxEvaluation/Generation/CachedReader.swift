internal import RefluxMemory
internal import RefluxModel

/// A model that reads one text bit by bit, with the keys and values of what it has read.
final class CachedReader {
  private let pass: any ForwardPass
  private let logits: Matrix<Float>
  private let arena = Arena()
  /// Tokens whose keys and values are kept.
  private(set) var count = 0
  /// The most tokens of a text.
  var limit: Int { pass.window }

  /// - Parameter rows: the most tokens at the end of a text whose logits are asked for.
  init(_ model: any LanguageModel, positions: Int, rows: Int) {
    pass = model.makeForwardPass(windows: 1, window: positions)
    logits = arena.takeMatrix(rows, model.configuration.vocabularySize)
  }

  /// Reads what is new in a text and returns the logits after each of its last `last` tokens.
  ///
  /// - Parameter text: begins with the ``count`` tokens that were kept, and has more.
  func read(_ text: [UInt32], last: Int) -> Matrix<Float> {
    let new = Array(text[count...])
    precondition(last <= new.count)
    pass.extend(new.span, from: count)
    let rows = logits.rows(0, last)
    pass.logits(text.count - last..<text.count, into: rows, worker: 0)
    count = text.count
    return rows
  }

  /// Forgets all but the first tokens of the text.
  func keep(_ count: Int) { self.count = min(self.count, count) }
}
