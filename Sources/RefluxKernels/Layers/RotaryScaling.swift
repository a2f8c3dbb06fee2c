internal import RefluxMemory

/// How rotary angles are stretched for contexts longer than those a model first learned.
///
/// With base b and head width h the angle per position of pair i is f_i = b^(-2 i / h) unscaled.
public enum RotaryScaling: Equatable, Sendable {
  /// f_i as it is.
  case none
  /// f_i / factor.
  case linear(factor: Double)
  /// Llama 3: pairs that turn once in fewer than L / high positions keep f_i, those that need more
  /// than L / low get f_i / factor, those between a mixture of both.
  case llama3(factor: Double, low: Double, high: Double, originalPositions: Int)
  /// YaRN (Peng et al., 2024, arXiv 2309.00071).
  case yarn(YaRN)

  /// The angle per position of each pair of a head.
  ///
  /// - Parameter headSize: h, even.
  public func frequencies(headSize: Int, base: Double) -> [Double] {
    let plain = (0..<headSize / 2).map { pow(base, -2 * Double($0) / Double(headSize)) }
    switch self {
    case .none: return plain
    case .linear(let factor): return plain.map { $0 / factor }
    case .llama3(let factor, let low, let high, let original):
      return plain.map { frequency in
        let turns = Double(original) * frequency / (2 * .pi)
        let share = min(max((turns - low) / (high - low), 0), 1)
        return frequency * (share + (1 - share) / factor)
      }
    case .yarn(let yarn): return yarn.frequencies(plain, headSize: headSize, base: base)
    }
  }

  /// What cosines and sines are multiplied by.
  public var magnitude: Double {
    if case .yarn(let yarn) = self { yarn.magnitude } else { 1 }
  }
}

/// The parameters of YaRN: pairs that turn often keep their angle, those that never finish a turn
/// are stretched by `factor`, with a ramp between.
public struct YaRN: Equatable, Sendable {
  /// The new context over the original one.
  public var factor: Double
  /// The context of the first training, in tokens.
  public var originalPositions: Int
  /// Turns within the original context from which a pair keeps its angle.
  public var fastTurns: Double
  /// Turns up to which a pair is stretched whole.
  public var slowTurns: Double
  /// What cosines and sines are multiplied by.
  public var magnitude: Double
  /// Whether the ramp starts and ends at whole pairs.
  public var truncates: Bool

  /// `magnitude` defaults to the paper's 0.1 ln(factor) + 1.
  public init(
    factor: Double, originalPositions: Int, fastTurns: Double = 32, slowTurns: Double = 1,
    magnitude: Double? = nil, truncates: Bool = true
  ) {
    self.factor = factor
    self.originalPositions = originalPositions
    self.fastTurns = fastTurns
    self.slowTurns = slowTurns
    self.magnitude = magnitude ?? Self.magnitude(factor: factor)
    self.truncates = truncates
  }

  /// 0.1 weight ln(factor) + 1; 1 where nothing is stretched.
  public static func magnitude(factor: Double, weight: Double = 1) -> Double {
    factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1
  }

  func frequencies(_ plain: [Double], headSize: Int, base: Double) -> [Double] {
    /// The pair, as a fraction, that makes so many turns within the original context.
    func pair(turns: Double) -> Double {
      Double(headSize) * log(Double(originalPositions) / (turns * 2 * .pi)) / (2 * log(base))
    }
    var (start, end) = (pair(turns: fastTurns), pair(turns: slowTurns))
    if truncates { (start, end) = (start.rounded(.down), end.rounded(.up)) }
    (start, end) = (max(start, 0), min(end, Double(headSize - 1)))
    if start == end { end += 0.001 }
    return plain.enumerated().map { index, frequency in
      let stretched = min(max((Double(index) - start) / (end - start), 0), 1)
      return frequency * (1 - stretched + stretched / factor)
    }
  }
}
