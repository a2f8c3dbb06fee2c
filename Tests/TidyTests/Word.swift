/// A word of code: letters, digits and underscores, with the characters on either side.
struct Word: Equatable {
  var text: Substring
  /// The character before the word; a line break at the start of a line.
  var before: Character
  /// The character after the word; a line break at the end of a line.
  var after: Character

  /// The words of a line, from left to right.
  static func words(of line: String) -> [Word] {
    var words: [Word] = []
    var index = line.startIndex
    var before: Character = "\n"
    while index < line.endIndex {
      guard isPart(line[index]) else {
        before = line[index]
        line.formIndex(after: &index)
        continue
      }
      let end = line[index...].firstIndex { !isPart($0) } ?? line.endIndex
      let after = end < line.endIndex ? line[end] : "\n"
      words.append(Word(text: line[index..<end], before: before, after: after))
      index = end
    }
    return words
  }

  private static func isPart(_ character: Character) -> Bool {
    guard let ascii = character.asciiValue else { return character.isLetter }
    switch ascii {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): return true
    default: return false
    }
  }
}
