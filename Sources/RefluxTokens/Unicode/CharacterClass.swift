/// What a scalar is to the word patterns: `\p{L}`, `\p{N}`, `\s`, or none of them.
///
/// The classes are those of Unicode 16.0.0 on every machine, so that a text has the same tokens
/// whatever the system's own Unicode tables say. Bytes that are no UTF-8 are `other`.
enum CharacterClass: UInt8 {
  case letter = 0
  case number = 1
  case space = 2
  case other = 3

  /// The class of every code point as its raw value; 1.1 MB, made once.
  static let table: [UInt8] = {
    var table: [UInt8] = []
    table.reserveCapacity(0x110000)
    for (index, run) in runs.enumerated() {
      let end = index + 1 < runs.count ? Int(runs[index + 1] >> 2) : 0x110000
      table.append(contentsOf: repeatElement(UInt8(run & 3), count: end - table.count))
    }
    return table
  }()
}
