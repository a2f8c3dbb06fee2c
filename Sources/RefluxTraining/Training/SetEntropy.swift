internal import RefluxMemory
internal import RefluxPipeline
internal import RefluxStorage

/// The entropy of sample sets, -sum t log t: what a divergence from them is below a cross-entropy.
///
/// Counts are whole numbers out of the rounds, whose terms are a table; weights take a logarithm
/// each.
struct SetEntropy {
  /// The term of each count, where all stores have counts out of as many rounds.
  private let terms: [Double]
  private let rounds: Float

  init(_ sources: [FeedSource]) {
    let stores = sources.compactMap(\.samples)
    let rounds = Set(stores.map { $0.isWeighted ? 0 : $0.rounds })
    let common = rounds.count == 1 ? rounds.first ?? 0 : 0
    self.rounds = Float(common)
    terms = (0...common).map { count in
      let share = Double(count) / Double(max(common, 1))
      return share > 0 ? -share * log(share) : 0
    }
  }

  /// In nats.
  @inline(never)
  func of(_ weights: View<Float>) -> Double {
    var sum = 0.0
    if rounds > 0 {
      for place in 0..<weights.count { sum += terms[Int(weights[place] * rounds + 0.5)] }
    } else {
      for place in 0..<weights.count where weights[place] > 0 {
        sum -= Double(weights[place]) * log(Double(weights[place]))
      }
    }
    return sum
  }
}
