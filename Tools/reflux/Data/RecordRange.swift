import ArgumentParser

/// A range of records on the command line: `A..<B`, `A..<` or `..<B`.
struct RecordRange: ExpressibleByArgument {
  var lower: Int
  /// Nil for the end of the store.
  var upper: Int?

  /// Every record of a store.
  static let all = RecordRange(lower: 0, upper: nil)

  private init(lower: Int, upper: Int?) {
    self.lower = lower
    self.upper = upper
  }

  init?(argument: String) {
    guard let mark = argument.firstRange(of: "..<") else { return nil }
    let (first, last) = (argument[..<mark.lowerBound], argument[mark.upperBound...])
    guard let lower = first.isEmpty ? 0 : Self.number(first) else { return nil }
    if !last.isEmpty {
      guard let upper = Self.number(last), upper >= lower else { return nil }
      self.upper = upper
    }
    self.lower = lower
  }

  private static func number(_ text: Substring) -> Int? {
    text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
  }

  /// The records themselves in a store of `count`.
  ///
  /// - Throws: a failure of exit code 64 when the store ends before the range does.
  func resolve(count: Int, path: String) throws(Failure) -> Range<Int> {
    let end = upper ?? max(lower, count)
    if end <= count { return lower..<end }
    throw Failure(
      path: path,
      "has \(count) records, \(lower)..<\(end) was asked for; name records within 0..<\(count)",
      exitCode: .usage)
  }
}
