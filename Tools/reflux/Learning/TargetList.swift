import ArgumentParser
import RefluxSampling
import RefluxTargets

/// Estimators with their rounds on the command line: `topk12,multinomial50`.
struct TargetList: ExpressibleByArgument {
  var targets: [SamplerConfiguration]

  init?(argument: String) {
    targets = []
    for text in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let target = Self.target(text), !targets.contains(target) else { return nil }
      targets.append(target)
    }
  }

  private static func target(_ text: Substring) -> SamplerConfiguration? {
    for estimator in Estimator.allCases where text.hasPrefix(estimator.rawValue) {
      guard let rounds = Int(text.dropFirst(estimator.rawValue.count)),
        (1...65_536).contains(rounds)
      else { return nil }
      return SamplerConfiguration(estimator: estimator, rounds: rounds)
    }
    return nil
  }
}
