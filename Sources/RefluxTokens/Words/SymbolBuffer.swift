/// The first symbols of a word, before any merge.
///
/// What has no symbol waits as one unknown token until the next symbol comes, as in the tokenizers
/// package: bytes spelled out in between go before it.
struct SymbolBuffer: Sendable {
  var ids: [UInt32] = []
  /// How many ids are known to hold no place to cut at.
  var searched = 0
  private var pending: UInt32?
  private(set) var unknownBytes = 0
  private(set) var droppedBytes = 0

  mutating func append(_ id: UInt32) {
    if pending != nil { finish() }
    ids.append(id)
  }

  /// Appends the tokens of the bytes of what has no symbol itself.
  mutating func append(spelled tokens: [UInt32]) { ids += tokens }

  /// Appends the unknown token for `count` bytes, or leaves them out where there is none.
  mutating func appendUnknown(_ unknown: UInt32?, fusing: Bool, bytes count: Int) {
    guard let unknown else {
      droppedBytes += count
      return
    }
    unknownBytes += count
    if !fusing { finish() }
    pending = unknown
  }

  /// Ends the word.
  mutating func finish() {
    if let pending { ids.append(pending) }
    pending = nil
  }

  mutating func removeFirst(_ count: Int) {
    ids.removeFirst(count)
    searched = 0
  }

  mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    pending = nil
    (searched, unknownBytes, droppedBytes) = (0, 0, 0)
  }
}
