internal import RefluxMemory

/// A probability beside its logarithm, which stays exact where the probability is tiny.
struct ReferenceShare {
  let value: Double
  let log: Double

  init(_ value: Double) { (self.value, self.log) = (value, logarithm(value)) }

  init(value: Double, log: Double) { (self.value, self.log) = (value, log) }

  init(log: Double) { (self.value, self.log) = (exp(log), log) }

  /// The sum of two, as a logarithm, each times a factor.
  static func log(_ a: Double, _ one: ReferenceShare, _ b: Double, _ other: ReferenceShare)
    -> Double
  {
    ReferenceRow.logSum([logarithm(a) + one.log, logarithm(b) + other.log])
  }

  /// t (log t - log q), 0 where t is 0.
  static func klTerm(_ t: Double, _ log: Double) -> Double {
    t > 0 ? t * (logarithm(t) - log) : 0
  }

  /// p (log p' - log q'), 0 where p is 0.
  static func entropyTerm(_ p: Double, _ one: Double, _ other: Double) -> Double {
    p == 0 ? 0 : p * (one - other)
  }
}

private func logarithm(_ value: Double) -> Double { log(value) }
