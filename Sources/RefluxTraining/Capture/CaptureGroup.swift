/// The windows that one turn of a capture runs, and their tokens.
struct CaptureGroup: Sendable {
  /// The records of each window, in order and without gaps, at most `length` each.
  let windows: [Range<Int>]
  /// Rows of a window: window w has the rows from w * `length` on, and leaves the last ones empty
  /// where it is short.
  let length: Int
  /// The records whose sets are wanted, one at least.
  let wanted: Range<Int>
  /// The token of every record, and the one behind the last if there is one.
  let tokens: [UInt32]
  /// The records at which a document starts, ascending, where each stands for itself; else empty.
  let documents: [Int]

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

  /// The token behind a record's, if there is one.
  func next(_ record: Int) -> UInt32? {
    record + 1 - first < tokens.count ? tokens[record + 1 - first] : nil
  }

  /// The tokens by rows, 0 in empty ones: what stands behind a position does not change it.
  func rowTokens() -> [UInt32] {
    var ids = [UInt32](repeating: 0, count: rows)
    for (window, records) in windows.enumerated() {
      for record in records { ids[window * length + record - records.lowerBound] = token(record) }
    }
    return ids
  }

  /// An id per row, in a window another for every document; empty where windows are not cut by
  /// documents.
  func rowDocuments() -> [UInt32] {
    if documents.isEmpty { return [] }
    var ids = [UInt32](repeating: 0, count: rows)
    var (next, document) = (0, UInt32(0))
    for (window, records) in windows.enumerated() {
      for row in 0..<length {
        let record = records.lowerBound + row
        // What a short window leaves empty goes with its last document.
        if records.contains(record), next < documents.count, documents[next] == record {
          (next, document) = (next + 1, document + 1)
        }
        ids[window * length + row] = document
      }
    }
    return ids
  }
}
