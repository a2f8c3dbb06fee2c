internal import RefluxTargets

extension FeedPlan {
  /// The phases with their first draws; checked.
  static func phases(
    _ sources: [SourceShape], _ weights: [Int], _ configuration: FeedConfiguration
  ) throws(FeedError) -> [(firstDraw: Int, weights: [Int])] {
    var phases = configuration.phases
    if phases.isEmpty { phases = [BlendPhase(firstWindow: 0, weights: weights)] }
    var next = 0
    for (number, phase) in phases.enumerated() {
      let isOrdered = number == 0 ? phase.firstWindow == 0 : phase.firstWindow >= next
      guard isOrdered, phase.firstWindow <= 1 << 56 else {
        throw .phase(firstWindow: phase.firstWindow)
      }
      next = phase.firstWindow + 1
      let limit = 1 << 40
      guard phase.weights.count == sources.count,
        phase.weights.allSatisfy({ (0...limit).contains($0) }),
        phase.weights.contains(where: { $0 > 0 })
      else { throw .weights(found: phase.weights, stores: sources.count) }
    }
    return phases.map { ($0.firstWindow, $0.weights) }
  }

  /// Names everything that decides which window comes when, apart from ranks and rows.
  static func fingerprint(
    _ sources: [SourceShape], _ counts: [Int], _ phases: [(firstDraw: Int, weights: [Int])],
    _ configuration: FeedConfiguration, remainder: FeedConfiguration.Remainder
  ) -> UInt64 {
    var fingerprint = PlanFingerprint()
    fingerprint.add(1)
    fingerprint.add(configuration.seed)
    fingerprint.add(configuration.order.rawValue)
    fingerprint.add(configuration.packing.rawValue)
    fingerprint.add(remainder.rawValue)
    fingerprint.add(configuration.window)
    for (source, count) in zip(sources, counts) {
      fingerprint.add(source.fingerprint)
      fingerprint.add(source.tokenCount)
      fingerprint.add(count)
      for window in source.kept ?? [] { fingerprint.add(window) }
    }
    for phase in phases {
      fingerprint.add(phase.firstDraw)
      for weight in phase.weights { fingerprint.add(weight) }
    }
    return fingerprint.value
  }

  /// Windows of each store among those before a step, of all ranks.
  public func windowsTaken(beforeStep step: Int) -> [Int] {
    if remainder == .dropped { return [step * windowsPerStep] }
    let draw = place(ofStep: step).window
    return windowCounts.indices.map { blend.count(of: $0, at: draw) }
  }
}

/// A number that names the facts that were added to it, in their order.
struct PlanFingerprint {
  private(set) var value: UInt64 = 0x5265_666C_7578_506C

  mutating func add(_ number: UInt64) {
    var z = (value ^ number) &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    value = z ^ (z >> 31)
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    for byte in text.utf8 { add(UInt64(byte)) }
  }
}
