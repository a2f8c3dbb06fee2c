internal import RefluxStorage

/// Where the distributions of a capture come from.
protocol CaptureSource: AnyObject {
  /// The most ids of a set.
  var capacity: Int { get }
  /// Whether sets carry weights instead of counts.
  var isWeighted: Bool { get }
  /// What keeps a capture from resuming with another source of the same name.
  var hash: UInt64 { get }
  /// What is to be said of the source in the store's header.
  var notes: [String: String] { get }
  /// Seconds so far; those of the workers divided by their number.
  var times: CaptureTimes { get }

  /// Draws the sets of the records that a group wants.
  func fill(_ sets: CaptureSets, _ group: CaptureGroup) throws(CaptureError)
}

/// The windows that one turn of a capture runs, and their tokens.
struct CaptureGroup: Sendable {
  /// The records of each window, in order and without gaps, at most `length` each.
  let windows: [Range<Int>]
  /// Rows of a window: window w has the rows from w * `length` on, and leaves the last ones empty
  /// where it is short.
  let length: Int
  /// The records whose sets are wanted, one at least.
  let wanted: Range<Int>
  /// The token of every record, and the one after the last if there is one.
  let tokens: [UInt32]

  var first: Int { windows[0].lowerBound }
  var records: Range<Int> { first..<windows[windows.count - 1].upperBound }
  var rows: Int { windows.count * length }

  /// The record of a row; nil for one that is empty or not wanted.
  func record(ofRow row: Int) -> Int? {
    let (window, place) = row.quotientAndRemainder(dividingBy: length)
    let record = windows[window].lowerBound + place
    return record < windows[window].upperBound && wanted.contains(record) ? record : nil
  }

  func token(_ record: Int) -> UInt32 { tokens[record - first] }

  /// The token after a record's, if there is one.
  func next(_ record: Int) -> UInt32? {
    record + 1 - first < tokens.count ? tokens[record + 1 - first] : nil
  }
}
