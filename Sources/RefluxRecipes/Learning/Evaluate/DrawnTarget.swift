public import RefluxJSON
public import RefluxSampling
public import RefluxSettings
internal import RefluxTargets

/// An estimator with its rounds: `topk12`, `multinomial50`.
public struct DrawnTarget: SingleSettingValue, Equatable {
  /// What is drawn.
  public let sampler: SamplerConfiguration

  public static var expected: String { "an estimator with its rounds, such as topk12" }

  public init?(text: String) {
    for estimator in Estimator.allCases where text.hasPrefix(estimator.rawValue) {
      guard let rounds = Int(text.dropFirst(estimator.rawValue.count)),
        (1...65_536).contains(rounds)
      else { return nil }
      sampler = SamplerConfiguration(estimator: estimator, rounds: rounds)
      return
    }
    return nil
  }

  public init?(json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(text: text)
  }

  public var json: JSONValue { .string(sampler.estimator.rawValue + "\(sampler.rounds)") }
}
