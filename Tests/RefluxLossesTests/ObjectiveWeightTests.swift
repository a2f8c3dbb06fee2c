import RefluxTargets
import Testing

@testable import RefluxLosses

/// Rows that do not count, and rows that count more than others.
struct ObjectiveWeightTests {
  /// The input with rows chosen by their places, in any number.
  private func rows(_ places: [Int], of input: ReferenceInput) -> ReferenceInput {
    var chosen = input
    chosen.student = places.map { input.student[$0] }
    chosen.labels = input.labels.map { labels in places.map { labels[$0] } }
    chosen.weights = nil
    switch input.target {
    case .none: break
    case .dense(let logits): chosen.target = .dense(places.map { logits[$0] })
    case .top(let sets): chosen.target = .top(places.map { sets[$0] })
    case .drawn(let sets, let tau): chosen.target = .drawn(places.map { sets[$0] }, tau: tau)
    }
    return chosen
  }

  private func expect(
    _ result: ReferenceResult, isSumOf parts: [(places: [Int], result: ReferenceResult)],
    location: SourceLocation = #_sourceLocation
  ) {
    let count = Double(parts.reduce(0) { $0 + $1.places.count })
    let loss = parts.reduce(0) { $0 + $1.result.loss * Double($1.places.count) } / count
    #expect(abs(result.loss - loss) < 1e-12, sourceLocation: location)
    var gradient = result.gradient.map { $0.map { _ in 0.0 } }
    for part in parts {
      for (index, place) in part.places.enumerated() {
        for id in gradient[place].indices {
          gradient[place][id] +=
            part.result.gradient[index][id] * Double(part.places.count) / count
        }
      }
    }
    for (one, other) in zip(result.gradient.joined(), gradient.joined()) {
      #expect(abs(one - other) < 1e-12, sourceLocation: location)
    }
  }

  /// As if the row were not there; groups are cut before it is left out.
  @Test(arguments: ObjectiveSamples.cases, [-1, -100])
  func ignoredLabelsAreLeftOut(case words: (words: String, kind: TargetKind), label: Int) throws {
    let choice = try ObjectiveSamples.choice(words.words)
    var input = ObjectiveSamples(seed: 2).input(words.kind, of: choice)
    let left = [0, 2, 3]
    var parts = [left]
    if choice.integer("group") == 2 { parts = [[0], [2, 3]] }
    let expected = try parts.map { places in
      let own = choice["group"] == nil ? choice : choice.with(group: places.count)
      return (places, try LossReference.evaluate(own, rows(places, of: input)))
    }
    input.labels?[1] = label
    let result = try LossReference.evaluate(choice, input)
    expect(result, isSumOf: expected)
    #expect(result.rows?[1] ?? 0 == 0)
  }

  /// A weight of 3 is the row three times.
  @Test(
    arguments: ObjectiveSamples.cases.filter {
      $0.words.split(separator: " ")[0] != "tad"
    })
  func weightsAreCounts(words: String, kind: TargetKind) throws {
    let choice = try ObjectiveSamples.choice(words)
    if choice.name.entry.grouping != .none { return }
    var input = ObjectiveSamples(seed: 3).input(kind, of: choice)
    let places = [0, 1, 1, 1, 3, 3]
    let expected = try LossReference.evaluate(choice, rows(places, of: input))
    input.weights = [0.5, 1.5, 0, 1]
    let result = try LossReference.evaluate(choice, input)
    expect(result, isSumOf: [(places, expected)])
    if choice.name == .llp {
      let links = try LossReference.links(choice, input)
      #expect(abs(links.loss - result.loss) < 1e-12)
    }
  }

  @Test func refusals() throws {
    let (jsd, gld) = (try ObjectiveChoice("jsd"), try ObjectiveChoice("gld", options: ["k=3"]))
    func expect(
      _ error: ObjectiveError, _ choice: ObjectiveChoice, labels: [Int]? = nil,
      weights: [Double]? = nil, location: SourceLocation = #_sourceLocation
    ) {
      var input = ObjectiveSamples(seed: 1).input(.dense, of: choice)
      input.labels = labels ?? input.labels
      input.weights = weights
      #expect(throws: error, sourceLocation: location) {
        try LossReference.evaluate(choice, input)
      }
      #expect(!error.isOfOptions && !error.description.isEmpty, sourceLocation: location)
    }
    expect(.noRows, jsd, labels: [-1, -100, -1, -1])
    expect(.noRows, jsd, weights: [0, 0, 0, 0])
    expect(.label(-2, row: 1, vocabularySize: 7), jsd, labels: [0, -2, 0, 0])
    expect(.rowWeight(-1, row: 2), jsd, weights: [1, 0, -1, 0])
    expect(.rowWeight(.infinity, row: 0), jsd, weights: [.infinity, 0, 1, 0])
    expect(.rows(3, of: "the weights", expected: 4), jsd, weights: [1, 0, 1])
    expect(.unevenRows(.gld), gld, weights: [1, 0.5, 1, 1])
    let whole = ObjectiveSamples(seed: 1).input(.dense, of: gld)
    var input = whole
    input.weights = [1, 1, 0, 1]
    let result = try LossReference.evaluate(gld, input)
    #expect(
      try abs(result.loss - LossReference.evaluate(gld, rows([0, 1, 3], of: whole)).loss) < 1e-12)
  }
}
