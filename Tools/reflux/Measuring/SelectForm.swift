import ArgumentParser
import RefluxRecipes

/// What a command line of `reflux select` asks for.
enum SelectForm: String {
  case pool = "--pool"
  case cutmix = "'cutmix'"
  case stddev = "--stddev"
  case text = "--samples"

  /// The one that a command line begins.
  init(_ verb: SelectVerb) throws {
    if let form = verb.form, form != "cutmix" {
      throw ValidationError("'\(form)' is no form of select; 'cutmix' is one")
    }
    let found: [(SelectForm, Bool)] = [
      (.pool, verb.pool != nil), (.cutmix, verb.form != nil), (.stddev, verb.stddev != nil),
      (.text, verb.samples != nil),
    ]
    let asked = found.filter(\.1).map(\.0)
    guard asked.count == 1 else {
      throw ValidationError("Give one of --pool, 'cutmix', --stddev and --samples")
    }
    self = asked[0]
  }

  /// Refuses options of other forms, those that are missing, and values out of range.
  func check(_ verb: SelectVerb) throws {
    let given = Self.given(verb)
    if let other = given.first(where: { !options.contains($0) }) {
      throw ValidationError("\(other) does not go with \(rawValue)")
    }
    if let missing = needed.first(where: { !given.contains($0) }) {
      throw ValidationError("\(rawValue) needs \(missing)")
    }
    switch self {
    case .pool: try checkPool(verb)
    case .cutmix: try BenchOptions.check("--runs", verb.runs ?? 1, in: 1...65_536)
    case .stddev: break
    case .text: try checkText(verb)
    }
  }

  /// Options that stand on a command line, but for those that all forms take.
  private static func given(_ verb: SelectVerb) -> [String] {
    let all: [(String, Bool)] = [
      ("--pool", verb.pool != nil), ("--student", verb.student != nil), ("--by", verb.by != nil),
      ("--temperature", verb.temperature != nil), ("--pick", verb.pick != nil),
      ("--images", verb.images != nil), ("--runs", verb.runs != nil), ("--seed", verb.seed != nil),
      ("--stddev", verb.stddev != nil), ("--samples", verb.samples != nil),
      ("--tokens", verb.tokens != nil), ("--unit", verb.unit != nil),
      ("--output", verb.output != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  private var options: Set<String> {
    switch self {
    case .pool: ["--pool", "--student", "--by", "--temperature", "--pick"]
    case .cutmix: ["--images", "--runs", "--seed", "--output"]
    case .stddev: ["--stddev"]
    case .text: ["--samples", "--tokens", "--by", "--pick", "--unit", "--output"]
    }
  }

  private var needed: [String] {
    switch self {
    case .pool: ["--pick"]
    case .cutmix: ["--images", "--output"]
    case .stddev: []
    case .text: ["--pick", "--output"]
    }
  }

  private func checkPool(_ verb: SelectVerb) throws {
    let (by, pick) = (verb.by ?? .entropy, verb.pick ?? 0)
    guard pick >= 1, pick <= 1e15, pick == pick.rounded() else {
      throw ValidationError("--pick must be a whole number of rows, 1 or more")
    }
    if (verb.student == nil) != (by == .entropy) {
      throw ValidationError("Give --student with --by kl or --by student-entropy")
    }
    guard let temperature = verb.temperature else { return }
    if by != .kl { throw ValidationError("--temperature goes with --by kl") }
    guard temperature > 0, temperature <= 1000 else {
      throw ValidationError("--temperature must be above 0, at most 1000")
    }
  }

  private func checkText(_ verb: SelectVerb) throws {
    if let by = verb.by, by != .entropy {
      throw ValidationError("--samples are ranked by entropy alone")
    }
    guard let pick = verb.pick, pick > 0, pick <= 1 else {
      throw ValidationError("--pick must be a share, above 0, at most 1")
    }
    if (verb.tokens == nil) == (verb.unit == .document) {
      throw ValidationError("Give --tokens with --unit document")
    }
  }
}
