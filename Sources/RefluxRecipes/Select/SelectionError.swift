/// Why nothing can be selected.
public enum SelectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Fewer candidates than are to be picked.
  case tooFew(Int, picked: Int)
  /// A score is not a finite number: the student excludes what the teacher does not.
  case infinite(row: Int)
  /// Images without another to take a box from.
  case oneImage
  /// Images that are text, which says no number format.
  case noArray
  /// Fewer than two groups.
  case oneGroup
  /// A mean that is no probability.
  case probability(Double, group: Int)
  /// Sets without the teacher's entropy.
  case noEntropy
  /// Sets that do not say their windows.
  case noContext
  /// Windows of documents that were packed: they are no neighbouring records.
  case packedWindows
  /// Too few records for a window.
  case noWindow(records: Int, window: Int)

  public var description: String {
    switch self {
    case .tooFew(let found, let picked):
      "\(picked) are to be picked of \(found) rows; pick at most as many as there are"
    case .infinite(let row):
      "row \(row): the divergence is infinite, for the student excludes an id that the teacher"
        + " does not; select by entropy"
    case .oneImage: "one image has no other to take a box from; expected 2 or more"
    case .noArray: "the images are text; expected a .npy array or a tensor"
    case .oneGroup: "one group has no deviation; expected 2 or more"
    case .probability(let value, let group):
      "group \(group) has the probability \(value), expected 0 to 1"
    case .noEntropy:
      "the selection by entropy needs the teacher's entropy, which the sets do not keep"
    case .noContext: "the sets do not say the context of the teacher's windows; select documents"
    case .packedWindows:
      "the windows hold whole documents from several places; select documents"
    case .noWindow(let records, let window):
      "\(records) records are less than a window of \(window) tokens and a label"
    }
  }
}
