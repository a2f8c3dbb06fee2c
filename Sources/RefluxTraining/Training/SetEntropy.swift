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

/// Puts a sample set in ascending order of its ids, in place: stores that pack their sets keep
/// them in another, and the complete loss wants this one.
///
/// Shell's sort: for up to some thousand ids, without memory of its own.
func sortByID(_ ids: View<UInt32>, _ weights: View<Float>) {
  var gap = 1
  while gap < ids.count / 3 { gap = 3 * gap + 1 }
  while gap > 0 {
    for start in gap..<max(gap, ids.count) {
      let (id, weight) = (ids[start], weights[start])
      var place = start
      while place >= gap, ids[place - gap] > id {
        (ids[place], weights[place]) = (ids[place - gap], weights[place - gap])
        place -= gap
      }
      (ids[place], weights[place]) = (id, weight)
    }
    gap /= 3
  }
}
