import RefluxBytes
import RefluxFiles

/// How frequent each id is expected to be, in sixteen classes, and the ranks that follow
/// (SPEC.md, section 4).
///
/// - Complexity: 4 bytes per id, and as much again in writers.
final class RankDictionary: Sendable {
  /// The class of each id: 0 for the most frequent.
  let classes: [UInt8]
  /// The id of every rank.
  let ids: [UInt32]

  static let rarest: UInt8 = 15

  /// - Parameter classes: one per id of the vocabulary, each 0 to 15.
  init(classes: [UInt8]) {
    self.classes = classes
    var starts = [Int](repeating: 0, count: 17)
    for number in classes { starts[Int(number) + 1] += 1 }
    for number in 0..<16 { starts[number + 1] += starts[number] }
    var ids = [UInt32](repeating: 0, count: classes.count)
    for (id, number) in classes.enumerated() {
      ids[starts[Int(number)]] = UInt32(id)
      starts[Int(number)] += 1
    }
    self.ids = ids
  }

  /// One class per halving of the frequency, from the largest one on.
  ///
  /// - Parameter frequencies: how often each id was met or is expected; any unit.
  convenience init(frequencies: [UInt64]) {
    let digits = 64 - (frequencies.max() ?? 0).leadingZeroBitCount
    self.init(
      classes: frequencies.map { frequency in
        let rarity = digits - (64 - frequency.leadingZeroBitCount)
        return frequency == 0 ? Self.rarest : UInt8(min(rarity, Int(Self.rarest)))
      })
  }

  /// Frequencies from which a dictionary of the same ranks is made.
  var frequencies: [UInt64] { classes.map { 1 << (62 - UInt64($0)) } }

  /// The rank of every id.
  func ranks() -> [UInt32] {
    var ranks = [UInt32](repeating: 0, count: ids.count)
    for (rank, id) in ids.enumerated() { ranks[Int(id)] = UInt32(rank) }
    return ranks
  }

  /// The length of the dictionary of a vocabulary in the file.
  static func encodedBytes(vocabularySize: Int) -> Int {
    StoreLimits.aligned((vocabularySize + 1) / 2) + 8
  }

  func encoded(fileID: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: classes.count / 2 + 16)
    for first in stride(from: 0, to: classes.count, by: 2) {
      let second = first + 1 < classes.count ? classes[first + 1] : 0
      writer.write(classes[first] | second << 4)
    }
    writer.pad(toMultipleOf: 8)
    let bytes = writer.bytes
    writer.write(XXH64.hash(bytes.rawSpan, seed: fileID &- 1))
    return writer.bytes
  }

  /// The dictionary of the store at the start of `file`; nil where the header says there is none.
  ///
  /// - Parameter other: a file whose dictionary serves for this one too, where they are the same:
  ///   the shards of a store then share one.
  /// - Throws: `damaged(.dictionary, ...)`.
  static func read(
    _ file: RawSpan, _ header: StoreHeader, like other: StoreFile? = nil
  ) throws(StoreError) -> RankDictionary? {
    guard header.hasDictionary else { return nil }
    let (start, count) = (header.encodedBytes, header.dictionaryBytes)
    guard count <= file.byteCount - start else {
      throw .damaged(
        .dictionary, offset: start, .cut(needed: count, available: file.byteCount - start))
    }
    let bytes = file.extracting(start..<start + count)
    let stored = bytes.littleEndianUInt64(at: count - 8)
    let found = XXH64.hash(bytes.extracting(first: count - 8), seed: header.fileID &- 1)
    guard stored == found else {
      throw .damaged(.dictionary, offset: start, .checksum(expected: stored, found: found))
    }
    if let other, let known = other.dictionary, other.header.dictionaryBytes == count {
      let (start, twin) = (other.header.encodedBytes, other.file)
      if isSame(
        bytes.extracting(first: count - 8), twin.bytes.extracting(start..<start + count - 8))
      {
        return known
      }
    }
    var classes = [UInt8](repeating: 0, count: header.vocabularySize)
    for id in 0..<classes.count { classes[id] = bytes.byte(at: id / 2) >> (id % 2 * 4) & 15 }
    guard isFilled(bytes, classes.count) else {
      throw .damaged(
        .dictionary, offset: start,
        .field("a reserved byte", expected: "0", found: "another value"))
    }
    return RankDictionary(classes: classes)
  }

  private static func isSame(_ one: RawSpan, _ other: RawSpan) -> Bool {
    unsafe one.withUnsafeBytes { one in
      unsafe other.withUnsafeBytes { unsafe one.elementsEqual($0) }
    }
  }

  /// Whether everything between `count` classes and the checksum is zero.
  private static func isFilled(_ bytes: RawSpan, _ count: Int) -> Bool {
    if count % 2 == 1, bytes.byte(at: count / 2) >> 4 != 0 { return false }
    return ((count + 1) / 2..<bytes.byteCount - 8).allSatisfy { bytes.byte(at: $0) == 0 }
  }
}
