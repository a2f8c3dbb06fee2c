internal import Foundation
internal import RefluxLosses
internal import RefluxTargets

/// What a run of the benchmark trains on.
struct TrainWork {
  /// As rows call it: `rskd12`, `jsd:tail=bucket,beta=0.5`.
  let name: String
  let objective: ObjectiveChoice
  let kind: TargetKind
  let sets: Sets

  /// Which sets it learns from.
  enum Sets {
    case none
    /// As many ids, whose counts add up to 50.
    case counted(Int)
    /// 50 draws.
    case drawn
    /// As many of the most probable ids.
    case top(Int)
    /// 50 draws, or the 50 most probable ids, with every number that a loss may ask for.
    case recorded(RecordedSets)
  }

  init(_ target: TrainBenchmark.Target) {
    name = target.rawValue
    let (objective, sets): (ObjectiveName, Sets) =
      switch target {
      case .ce: (.ce, .none)
      case .rskd12: (.rskd, .counted(12))
      case .rskd50: (.rskd, .drawn)
      case .topk12: (.topk, .top(12))
      case .ghost50: (.ghost, .top(50))
      case .fullkd: (.fullkd, .none)
      }
    self.objective = ObjectiveChoice(objective)
    (self.sets, kind) = (sets, objective.entry.kinds[0])
  }

  private init(_ loss: ObjectiveChoice, _ kind: TargetKind) {
    (name, objective, self.kind) = (loss.text, loss, kind)
    sets = kind.isOfSets ? .recorded(RecordedSets(loss, kind)) : .none
  }

  /// A run for each kind of sets that a loss learns from; one for others.
  static func all(of loss: ObjectiveChoice) -> [TrainWork] {
    let kinds = loss.name.entry.kinds
    let ofSets = kinds.filter(\.isOfSets)
    return (ofSets.isEmpty ? [kinds[0]] : ofSets).map { TrainWork(loss, $0) }
  }
}

/// Sets of 50 as an objective wants them, of a teacher that has 0.8 on them and the rest spread
/// evenly over all other ids.
struct RecordedSets {
  let kind: TargetKind
  /// The exponent of the draws and of the scalar `power`.
  let gamma: Double
  /// Whether counts are of p^gamma.
  let isTempered: Bool
  let temperature: Double

  init(_ loss: ObjectiveChoice, _ kind: TargetKind) {
    self.kind = kind
    gamma = Self.number(loss, "gamma") ?? 0.5
    isTempered = kind == .sampled && [.ttm, .wttm].contains(loss.name) && gamma != 1
    temperature =
      (loss.name == .pld ? Self.number(loss, "tau") : nil) ?? loss.temperature
  }

  private static func number(_ loss: ObjectiveChoice, _ key: String) -> Double? {
    if case .number(let value)? = loss[key] { value } else { nil }
  }

  var tau: Double { isTempered ? gamma : 1 }

  /// Stores of the same sets have one name.
  var name: String {
    "\(kind.rawValue)-temperature\(temperature)-tau\(tau)-gamma\(gamma)"
  }

  static var mass: Double { 0.8 }

  /// In the order of ``TargetScalar``.
  func scalars(vocabulary: Int) -> [Float] {
    let (inside, outside) = (Self.mass / 50, (1 - Self.mass) / Double(vocabulary - 50))
    let entropy = -Self.mass * log(inside) - (1 - Self.mass) * log(outside)
    let power = 50 * pow(inside, gamma) + Double(vocabulary - 50) * pow(outside, gamma)
    return TargetScalar.allCases.map { scalar in
      switch scalar {
      case .mass: Float(Self.mass)
      case .logsum: 10
      case .entropy: Float(entropy)
      case .label: Float(outside)
      case .power: Float(power)
      }
    }
  }
}
