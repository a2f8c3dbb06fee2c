/// Cuts bytes into words as a word pattern's regular expression would cut the text.
///
/// The scanner reads UTF-8. A byte that starts no valid scalar (a stray continuation byte, an
/// overlong form, a surrogate, a scalar cut short) is one character of class `other`, so the words
/// of any byte string, put together, are that byte string again.
struct WordScanner: Sendable {
  typealias Character = (kind: CharacterClass, length: Int)

  private let pattern: WordPattern
  private let classes = CharacterClass.table

  init(_ pattern: WordPattern = .gpt2) { self.pattern = pattern }

  /// The end of the word that starts at `start`; always beyond `start`.
  ///
  /// - Precondition: `start` is an index of `bytes` at which the text or a word starts.
  ///
  /// - Complexity: linear in the word, plus one character of lookahead.
  func endOfWord(from start: Int, in bytes: Span<UInt8>) -> Int {
    switch pattern {
    case .gpt2: endOfGPT2Word(from: start, in: bytes)
    case .digits: endOfDigitsWord(from: start, in: bytes)
    case .llama3: endOfLlama3Word(from: start, in: bytes, digits: 3)
    case .qwen2: endOfLlama3Word(from: start, in: bytes, digits: 1)
    }
  }

  /// The end of `'s`, `'t`, `'m`, `'d`, `'re`, `'ve` or `'ll`, or `start` where none stands there.
  func endOfContraction(from start: Int, in bytes: Span<UInt8>) -> Int {
    guard bytes[start] == UInt8(ascii: "'"), start + 1 < bytes.count else { return start }
    let first = bytes[start + 1]
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
      let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
      return start + 2 < bytes.count && bytes[start + 2] == second ? start + 3 : start
    default:
      return start
    }
  }

  /// The end of white space (`\s+(?!\S)|\s+`): all of it at the end of the text, otherwise all but
  /// its last character, which may belong to the next word; a single character stands alone.
  func endOfSpace(from start: Int, in bytes: Span<UInt8>) -> Int {
    var last = start
    var end = start
    while end < bytes.count {
      let (kind, length) = character(at: end, in: bytes)
      guard kind == .space else { return last > start ? last : end }
      last = end
      end += length
    }
    return end
  }

  /// The end of the characters of one class from `start` on.
  func endOfRun(of kind: CharacterClass, from start: Int, in bytes: Span<UInt8>) -> Int {
    var end = start
    while end < bytes.count {
      let byte = bytes[end]
      if byte < 0x80 {
        guard classes[Int(byte)] == kind.rawValue else { return end }
        end += 1
      } else {
        let (next, length) = character(at: end, in: bytes)
        guard next == kind else { return end }
        end += length
      }
    }
    return end
  }

  /// Whether a word of every pattern ends between two characters whatever stands around them:
  /// after a letter that no letter follows, and after a line break between visible ASCII.
  func endsWord(_ last: Int, _ next: Int, at offset: Int, in bytes: Span<UInt8>) -> Bool {
    if kind(of: last) == .letter { return kind(of: next) != .letter }
    let visible = 0x21...0x7E
    return last == 0x0A && visible.contains(next) && offset > 1
      && visible.contains(Int(bytes[offset - 2]))
  }

  /// The class and the length in bytes of the character at `index`.
  @inline(always)
  func character(at index: Int, in bytes: Span<UInt8>) -> Character {
    let byte = bytes[index]
    if byte < 0x80 { return (kind(of: Int(byte)), 1) }
    guard let (scalar, length) = UTF8Scalar.decode(at: index, in: bytes) else { return (.other, 1) }
    return (kind(of: scalar), length)
  }

  @inline(always)
  private func kind(of scalar: Int) -> CharacterClass {
    CharacterClass(rawValue: classes[scalar]) ?? .other
  }
}

extension WordScanner {
  /// One match of `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
  func endOfGPT2Word(from start: Int, in bytes: Span<UInt8>) -> Int {
    let contraction = endOfContraction(from: start, in: bytes)
    if contraction > start { return contraction }
    let (kind, length) = character(at: start, in: bytes)
    guard kind == .space else { return endOfRun(of: kind, from: start + length, in: bytes) }
    if bytes[start] == UInt8(ascii: " "), start + 1 < bytes.count {
      let (next, length) = character(at: start + 1, in: bytes)
      if next != .space { return endOfRun(of: next, from: start + 1 + length, in: bytes) }
    }
    return endOfSpace(from: start, in: bytes)
  }

  /// The same between digits, each of which stands alone and ends the text before it.
  func endOfDigitsWord(from start: Int, in bytes: Span<UInt8>) -> Int {
    let (kind, length) = character(at: start, in: bytes)
    if kind == .number { return start + length }
    if kind == .space {
      let end = endOfRun(of: .space, from: start, in: bytes)
      if end < bytes.count, character(at: end, in: bytes).kind == .number { return end }
    }
    return endOfGPT2Word(from: start, in: bytes)
  }
}
