/// Why nothing can be drawn.
public enum SamplingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The number of draws is out of range.
  case rounds(Int)
  /// The exponent of the proposal is out of range or NaN.
  case tau(Double)
  /// Top-K was given an exponent, which it has no use for.
  case tauOfTopK(Double)
  /// The temperature is out of range or NaN.
  case temperature(Double)
  /// Counts at tau 1 were to stay uncorrected, and need no correction.
  case nothingToCorrect
  /// The vocabulary is empty or larger than a store can hold.
  case vocabularySize(Int)
  /// A logit is NaN or +infinity.
  case badLogit(Float, id: Int, position: UInt64)
  /// Every logit of a row is -infinity.
  case noProbability(position: UInt64)

  public var description: String {
    switch self {
    case .rounds(let found):
      "\(found) rounds asked for; give a number in 1...65536"
    case .tau(let found):
      "tau is \(found); give a number in 0.01...8 (1 draws from the teacher itself)"
    case .tauOfTopK(let found):
      "tau is \(found), but top-k keeps the teacher's own probabilities; leave tau at 1"
    case .temperature(let found):
      "temperature is \(found); give a number in 0.01...100 (1 is the teacher's own)"
    case .nothingToCorrect:
      "tau is 1, where counts need no correction; uncorrected counts go with another tau and "
        + "estimators that draw"
    case .vocabularySize(let found):
      "a vocabulary of \(found) ids; expected 1...16777216"
    case .badLogit(let found, let id, let position):
      "the teacher's logit of id \(id) at position \(position) is \(found), not a finite number; "
        + "check the teacher's weights"
    case .noProbability(let position):
      "the teacher gives no id any probability at position \(position); check its weights"
    }
  }
}
