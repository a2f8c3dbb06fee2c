/// Which positions of each window are trained on: those of the highest scores. The others count 0.
///
/// As text it is `student-entropy:0.2`.
public struct Focus: Sendable, Equatable, CustomStringConvertible {
  /// What positions are scored by.
  public enum Kind: String, Sendable, CaseIterable {
    /// The entropy of the student's softmax at that step: where it is least sure (SE-KD, arXiv
    /// 2602.01395). Takes one more product with the head.
    case studentEntropy = "student-entropy"
  }

  /// What positions are scored by.
  public var kind: Kind
  /// The part of a window's positions that stays, of those that count: above 0, up to 1.
  public var share: Double

  /// Takes both as they are; `TrainingConfiguration.validate()` checks the share.
  public init(_ kind: Kind, share: Double) { (self.kind, self.share) = (kind, share) }

  /// Whether a share leaves something.
  public static func isShare(_ value: Double) -> Bool { value > 0 && value <= 1 }

  public var description: String { "\(kind.rawValue):\(share)" }

  /// How many of a window's positions stay: the share of them, rounded up.
  func count(of positions: Int) -> Int {
    // 0.07 * 100 is 7.000000000000001.
    let exact = share * Double(positions)
    return min(positions, max(1, Int((exact - 1e-9 * exact).rounded(.up))))
  }
}
