/// Which store every draw of a run comes from.
///
/// Among the first j draws of a phase store s has floor(j_s w_s / W_s), where j_s is what the
/// stores before it have left of j, and W_s the weights from s on; the last one has the rest. Each
/// grows by 0 or 1 from one draw to the next, so that every draw belongs to one store, the count of
/// any draw needs no other, and a store is never further than the number of stores from its exact
/// share.
///
/// - Complexity: one division per store and draw.
struct Blend: Sendable, Equatable {
  fileprivate struct Phase: Sendable, Equatable {
    var firstDraw: Int
    var weights: [UInt64]
    /// The sums of the weights from each store on.
    var rests: [UInt64]
    /// What each store has given before.
    var starts: [Int]
  }

  private var phases: [Phase] = []
  let sources: Int

  /// - Parameter phases: at least one, the first from draw 0 on, ascending; checked weights.
  init(_ phases: [(firstDraw: Int, weights: [Int])]) {
    sources = phases[0].weights.count
    for phase in phases {
      let weights = phase.weights.map(UInt64.init)
      var rests = weights
      for source in (0..<weights.count - 1).reversed() { rests[source] += rests[source + 1] }
      var starts = Array(repeating: 0, count: weights.count)
      if !self.phases.isEmpty {
        for source in starts.indices { starts[source] = count(of: source, at: phase.firstDraw) }
      }
      self.phases.append(
        Phase(firstDraw: phase.firstDraw, weights: weights, rests: rests, starts: starts))
    }
  }

  /// How many of the draws before `draw` come from `source`.
  func count(of source: Int, at draw: Int) -> Int {
    let phase = phases[phaseIndex(draw)]
    var rest = draw - phase.firstDraw
    for earlier in 0..<source { rest -= phase.share(rest, earlier) }
    return phase.starts[source] + phase.share(rest, source)
  }

  /// The store of a draw, and how many draws came from it before.
  func source(of draw: Int) -> (source: Int, count: Int) {
    if sources == 1 { return (0, draw) }
    let index = phaseIndex(draw)
    var rest = draw - phases[index].firstDraw
    for source in 0..<sources - 1 {
      let share = phases[index].share(rest, source)
      if phases[index].share(rest + 1, source) > share {
        return (source, phases[index].starts[source] + share)
      }
      rest -= share
    }
    return (sources - 1, phases[index].starts[sources - 1] + rest)
  }

  private func phaseIndex(_ draw: Int) -> Int {
    var index = phases.count - 1
    while index > 0, phases[index].firstDraw > draw { index -= 1 }
    return index
  }
}

extension Blend.Phase {
  /// Of `draws` that reach this store, those that it takes.
  fileprivate func share(_ draws: Int, _ source: Int) -> Int {
    if rests[source] == 0 { return 0 }
    let product = UInt64(draws).multipliedFullWidth(by: weights[source])
    return Int(rests[source].dividingFullWidth((product.high, product.low)).quotient)
  }
}

/// The shares of several stores from one place of a run on.
public struct BlendPhase: Sendable, Equatable {
  /// Windows of all stores and ranks that a run takes before it; not steps, so that it means the
  /// same for any number of ranks.
  public var firstWindow: Int
  /// The share of each store in proportion to the others, in windows; whole numbers so that no
  /// machine rounds them otherwise.
  public var weights: [Int]

  /// Takes the values as they are; the plan checks them.
  public init(firstWindow: Int, weights: [Int]) {
    self.firstWindow = firstWindow
    self.weights = weights
  }
}
