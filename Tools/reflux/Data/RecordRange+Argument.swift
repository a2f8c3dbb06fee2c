public import ArgumentParser
public import RefluxSettings

extension RecordRange: ExpressibleByArgument {
  public init?(argument: String) { self.init(text: argument) }

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
