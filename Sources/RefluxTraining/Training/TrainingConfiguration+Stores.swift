internal import RefluxLosses
public import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets

/// What the stores of a run decide.
extension TrainingConfiguration {
  /// The feed, with what the objective reads beside the sets of these stores.
  func targetFeed(_ sources: [FeedSource]) -> FeedConfiguration {
    var feed = feed
    feed.scalars = scalars(of: sources)
    return feed
  }

  /// What the objective reads beside the sets: what it needs, and what makes its targets better
  /// where every store keeps it.
  func scalars(of sources: [FeedSource]) -> [TargetScalar] {
    objective.scalars(for: kind) + welcomeScalars(of: sources)
  }

  /// The second of the two.
  func welcomeScalars(of sources: [FeedSource]) -> [TargetScalar] {
    objective.welcome(from: kind, sources.compactMap { $0.samples?.facts })
  }

  /// Refuses stores whose sets are of other distributions: no objective is honest from both.
  ///
  /// - Throws: ``TrainingError/blend(_:_:)`` for the first one that differs from the first of all.
  public func check(blend sources: [FeedSource]) throws(TrainingError) {
    let sets = sources.compactMap { source in
      source.samples.map { (name: source.name, facts: $0.facts) }
    }
    let readsPower = sets.first.map { objective.scalars(for: $0.facts.kind).contains(.power) }
    guard let first = sets.first, let readsPower else { return }
    for other in sets.dropFirst() {
      let (one, two) = (
        first.facts.distribution(readsPower), other.facts.distribution(readsPower)
      )
      if one != two { throw .blend("\(first.name) (\(one))", "\(other.name) (\(two))") }
    }
  }
}

extension SetFacts {
  /// What the sets are an estimate of, in words.
  fileprivate func distribution(_ readsPower: Bool) -> String {
    let draws = isCorrected ? "p" : "p^\(OptionValue.number(tau)), not corrected"
    let power = readsPower ? gamma.map { ", gamma \(OptionValue.number($0))" } ?? "" : ""
    return draws + ", temperature \(OptionValue.number(temperature))" + power
  }
}
