/// Two arrays of one length, side by side.
struct ReferencePairs<First, Second> {
  private let first: [First]
  private let second: [Second]

  init(_ first: [First], _ second: [Second]) { (self.first, self.second) = (first, second) }

  /// What `body` makes of each pair.
  func map<Result>(_ body: (First, Second) -> Result) -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(first.count)
    for (one, other) in zip(first, second) { results.append(body(one, other)) }
    return results
  }
}
