/// Blanks comments and string literals of Swift source, keeping line breaks.
///
/// Knows nested comments, raw and multi-line strings and interpolation (blanked with its string).
/// Regex literals between slashes are taken as code.
struct CodeStripper {
  private let input: [UInt8]
  private var output: [UInt8] = []
  private var position = 0

  static func strip(_ text: String) -> String {
    var stripper = CodeStripper(input: Array(text.utf8))
    stripper.run()
    return String(decoding: stripper.output, as: UTF8.self)
  }

  private init(input: [UInt8]) { self.input = input }

  private mutating func run() {
    while position < input.count {
      if starts(with: "//") {
        while position < input.count, input[position] != UInt8(ascii: "\n") { skip() }
      } else if starts(with: "/*") {
        skipComment()
      } else if let hashes = openingHashes() {
        skipString(hashes: hashes)
      } else {
        output.append(input[position])
        position += 1
      }
    }
  }

  private func starts(with word: String, at start: Int? = nil) -> Bool {
    input[(start ?? position)...].starts(with: word.utf8)
  }

  /// Passes `count` bytes, keeping line breaks and blanking everything else.
  private mutating func skip(_ count: Int = 1) {
    for _ in 0..<count where position < input.count {
      let isBreak = input[position] == UInt8(ascii: "\n")
      output.append(isBreak ? UInt8(ascii: "\n") : UInt8(ascii: " "))
      position += 1
    }
  }

  private mutating func skipComment() {
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        skip(2)
      } else if starts(with: "*/") {
        depth -= 1
        skip(2)
      } else {
        skip()
      }
    } while depth > 0 && position < input.count
  }

  /// The number of `#` before the quote that opens a string here; nothing without one.
  private func openingHashes() -> Int? {
    var end = position
    while end < input.count, input[end] == UInt8(ascii: "#") { end += 1 }
    guard end < input.count, input[end] == UInt8(ascii: "\"") else { return nil }
    return end - position
  }

  private mutating func skipString(hashes: Int) {
    let marks = String(repeating: "#", count: hashes)
    let quote = starts(with: "\"\"\"", at: position + hashes) ? "\"\"\"" : "\""
    skip(hashes + quote.utf8.count)
    while position < input.count {
      if starts(with: quote + marks) { return skip(quote.utf8.count + hashes) }
      if starts(with: "\\" + marks + "(") {
        skip(2 + hashes)
        skipInterpolation()
      } else {
        skip(starts(with: "\\" + marks) ? 2 + hashes : 1)
      }
    }
  }

  private mutating func skipInterpolation() {
    var depth = 1
    while position < input.count, depth > 0 {
      if let hashes = openingHashes() {
        skipString(hashes: hashes)
      } else {
        if starts(with: "(") { depth += 1 }
        if starts(with: ")") { depth -= 1 }
        skip()
      }
    }
  }
}
