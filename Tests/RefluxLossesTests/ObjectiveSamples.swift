import RefluxRandom
import RefluxTargets

@testable import RefluxLosses

/// Random rows for every kind of target that objectives take.
struct ObjectiveSamples {
  static let (rows, size) = (4, 7)
  let student: [[Double]]
  let teacher: [[Double]]
  let labels: [Int]

  init(seed: UInt64) {
    var random = RandomStream(seed: seed, stream: 90)
    func logits() -> [[Double]] {
      (0..<Self.rows).map { _ in (0..<Self.size).map { _ in 1.3 * random.nextNormal() } }
    }
    (student, teacher) = (logits(), logits())
    labels = (0..<Self.rows).map { ($0 * 3 + Int(seed)) % Self.size }
  }

  /// The input of an objective for a kind; sets know everything that there is to know.
  func input(_ kind: TargetKind, of objective: ObjectiveChoice) -> ReferenceInput {
    var input = ReferenceInput(student: student, labels: labels, target: target(kind, objective))
    if objective.name == .llp {
      let squash: ([[Double]]) -> [[Double]] = { $0.map { $0.map { 0.5 + 0.1 * $0 } } }
      input.student = squash(student)
      input.target = .dense(squash(teacher))
    }
    input.table = (0..<Self.size).map { [Double($0) - 2.5, 1, Double($0 * $0) / 9] }
    input.groups = (0..<Self.size).map { $0 % 3 }
    return input
  }

  private func target(_ kind: TargetKind, _ objective: ObjectiveChoice) -> ReferenceTarget {
    switch kind {
    case .label: return .none
    case .dense: return .dense(teacher)
    case .topk: return .top(teacher.indices.map { top($0, count: 3) })
    case .sampled:
      let sets = teacher.indices.map { row in
        var set = top(row, count: 3)
        set.weights = [0.5, 0.25, 0.25]
        return set
      }
      let isTempered = [.ttm, .wttm].contains(objective.name)
      return .drawn(sets, tau: isTempered ? objective.number("gamma") : 1)
    }
  }

  /// The most probable ids of a row.
  func top(_ row: Int, count: Int) -> ReferenceSet {
    let p = ReferenceRow.softmax(teacher[row])
    let ids = ReferenceRow.order(p).prefix(count).sorted()
    let power = p.reduce(0) { $0 + $1.squareRoot() }
    return ReferenceSet(
      ids: ids, weights: ids.map { p[$0] },
      scalars: [
        .label: p[labels[row]], .logsum: ReferenceRow.logSum(teacher[row]), .power: power,
        .mass: ids.reduce(0) { $0 + p[$1] }, .entropy: ReferenceScores.entropy(teacher[row]),
      ])
  }

  /// Every objective with each kind that it takes, and options that make all of it count.
  static let cases: [(words: String, kind: TargetKind)] = ObjectiveName.allCases.flatMap { name in
    options(of: name).flatMap { options in
      name.entry.kinds.map { ((([name.rawValue] + options).joined(separator: " ")), $0) }
    }
  }

  private static func options(of name: ObjectiveName) -> [[String]] {
    switch name {
    case .kdSim: [["table=w"]]
    case .kdRel: [["groups=g", "b2=0.05"]]
    case .gld: ["raw", "probability", "standard"].map { ["k=3", "input=\($0)"] }
    case .sinkd: [["group=2"], ["group=4", "epsilon=0.3", "iterations=5"]]
    case .topkd: [["group=2", "k=2"]]
    case .dist: [[], ["group=2"]]
    case .tad: [["k=3"]]
    case .dkd: [[], ["beta=kd"], ["cap=1.2"]]
    case .pld: [[], ["steps=2"]]
    case .uld: [[], ["tail=zero"]]
    case .lbf: [[], ["form=code"]]
    case .rkl: [[], ["fkl=0.3"]]
    case .ab:
      [["tail=bucket"], ["a=0.5", "b=-0.5", "tail=bucket"], ["a=1", "b=0", "tail=bucket"]]
    case .mse: [[], ["centred=no"]]
    case .akl: [["mu=0.3"]]
    case .mix: [[], ["threshold=1.4"]]
    default: [[]]
    }
  }

  /// The objective that words say.
  static func choice(_ words: String) throws -> ObjectiveChoice {
    let words = words.split(separator: " ").map(String.init)
    return try ObjectiveChoice(words[0], options: Array(words.dropFirst()))
  }
}
