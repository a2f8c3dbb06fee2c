internal import RefluxMemory
internal import RefluxTargets

/// One row: the student's logits and what is known of the teacher.
struct ReferenceRow {
  /// Its place among the rows.
  let index: Int
  /// The student's logits, not divided by T.
  let logits: [Double]
  let label: Int?
  /// The teacher's logits, not divided by T; nil for sets.
  let teacher: [Double]?
  let set: ReferenceSet?
  /// Whether the set's weights are shares of draws.
  let isDrawn: Bool
  let temperature: Double

  /// The size of the student's vocabulary.
  var size: Int { logits.count }

  /// log q at T.
  var student: [Double] { Self.logSoftmax(logits, temperature) }

  /// The label; 0 where there is none, which no objective that uses it is given.
  var y: Int { label ?? 0 }

  /// The teacher's ids that are known with their probabilities, most probable first.
  ///
  /// - Parameters:
  ///   - count: the most ids; 0 for all.
  ///   - temperature: of a teacher's logits.
  func top(_ count: Int = 0, temperature: Double? = nil) -> [(id: Int, p: ReferenceShare)] {
    let known: [(id: Int, p: ReferenceShare)]
    if let teacher {
      let logs = Self.logSoftmax(teacher, temperature ?? self.temperature)
      known = logs.enumerated().map { ($0.offset, ReferenceShare(log: $0.element)) }
    } else if let set {
      known = ReferencePairs(set.ids, set.weights).map { ($0, ReferenceShare($1)) }
    } else {
      known = []
    }
    let sorted = known.sorted { ($1.p.log, $0.id) < ($0.p.log, $1.id) }
    return count == 0 ? sorted : Array(sorted.prefix(count))
  }

  /// The teacher's probability of each id of the student's vocabulary, 0 outside a set.
  var probabilities: [ReferenceShare] {
    if let teacher {
      return Self.logSoftmax(teacher, temperature).map { ReferenceShare(log: $0) }
    }
    return (set?.spread(over: size) ?? []).map { ReferenceShare($0) }
  }

  /// The teacher's probability of the label: what was recorded, else what the row says.
  var labelShare: Double {
    if teacher != nil { return probabilities[y].value }
    return set.map { $0.scalars[.label] ?? $0.weight(of: y) } ?? 0
  }

  // MARK: Softmax

  /// log sum e^x; -infinity for no numbers.
  static func logSum(_ values: some Sequence<Double>) -> Double {
    let high = values.reduce(-Double.infinity) { max($0, $1) }
    if high == -.infinity { return high }
    return high + log(values.reduce(0) { $0 + exp($1 - high) })
  }

  /// log softmax(x / T).
  static func logSoftmax(_ values: [Double], _ temperature: Double = 1) -> [Double] {
    let scaled = values.map { $0 / temperature }
    let sum = logSum(scaled)
    return scaled.map { $0 - sum }
  }

  static func softmax(_ values: [Double], _ temperature: Double = 1) -> [Double] {
    logSoftmax(values, temperature).map { exp($0) }
  }

  /// dL/dz from g = dL/dq: q_j (g_j - sum_i q_i g_i) / T.
  func chain(_ g: [Double]) -> [Double] {
    let q = student.map { exp($0) }
    let mean = zip(q, g).reduce(0) { $0 + $1.0 * $1.1 }
    return ReferencePairs(q, g).map { $0 * ($1 - mean) / temperature }
  }

  // MARK: Order

  /// Places by descending value, ties to the lower place.
  static func order(_ values: [Double]) -> [Int] {
    values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
  }

  static func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }
}
