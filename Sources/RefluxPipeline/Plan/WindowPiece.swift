/// A run of records within a window.
public struct WindowPiece: Equatable, Sendable {
  /// The records of the token store.
  public let records: Range<Int>
  /// The position in the window of the first of them.
  public let position: Int

  /// Whether a document ends with it; left open where windows are cut without regard to them.
  let endsDocument: Bool

  init(records: Range<Int>, position: Int, endsDocument: Bool = false) {
    self.records = records
    self.position = position
    self.endsDocument = endsDocument
  }
}
