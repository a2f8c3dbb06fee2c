internal import RefluxMemory

/// What candidates are chosen by, in float64.
public enum ReferenceScores {
  /// H = -sum p log p of p = softmax(z), in nats.
  ///
  /// - Parameter logits: finite or -infinity, one of them finite.
  /// - Complexity: O(V).
  public static func entropy(_ logits: [Double]) -> Double {
    var entropy = 0.0
    for log in ReferenceRow.logSoftmax(logits) where log > -.infinity { entropy -= exp(log) * log }
    return max(0, entropy)
  }

  /// KL(softmax(z' / T) || softmax(z / T)), without T^2; infinite where the student excludes an id
  /// that the teacher does not.
  ///
  /// - Parameters:
  ///   - teacher: z', as of ``entropy(_:)``.
  ///   - student: z, as many.
  ///   - temperature: T, above 0.
  /// - Complexity: O(V).
  public static func divergence(
    teacher: [Double], student: [Double], temperature: Double
  ) -> Double {
    precondition(teacher.count == student.count)
    let p = ReferenceRow.logSoftmax(teacher, temperature)
    let q = ReferenceRow.logSoftmax(student, temperature)
    var sum = 0.0
    for id in p.indices { sum += ReferenceShare.entropyTerm(exp(p[id]), p[id], q[id]) }
    return max(0, sum)
  }

  /// T.stddev: the mean over classes of the standard deviation (of n - 1) over groups of the mean
  /// probability. Lower is better: the teacher says alike whichever group it is asked about.
  ///
  /// - Parameter means: of each group the mean probability of every class; 2 groups or more, all
  ///   of as many classes.
  /// - Complexity: O(groups x classes).
  public static func spread(_ means: [[Double]]) -> Double {
    let (groups, classes) = (Double(means.count), means.first?.count ?? 0)
    precondition(means.count > 1 && classes > 0)
    var sum = 0.0
    for place in 0..<classes {
      var (mean, squares) = (0.0, 0.0)
      for group in means { mean += group[place] / groups }
      for group in means { squares += (group[place] - mean) * (group[place] - mean) }
      sum += (squares / (groups - 1)).squareRoot()
    }
    return sum / Double(classes)
  }
}
