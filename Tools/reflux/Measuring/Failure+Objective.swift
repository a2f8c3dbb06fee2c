import RefluxLosses
import RefluxRecipes
import RefluxTargets

/// What an objective is refused for, with what helps on the command line.
extension Failure {
  static func exitCode(of error: ObjectiveError) -> ExitCode {
    error.isOfOptions ? .usage : .badData
  }

  static func message(of error: ObjectiveError) -> String {
    namingVerb(in: "\(error)").replacing("'alpha'", with: "--alpha") + advice(on: error)
  }

  /// `'reflux objective kd-rel'` for `the objective 'kd-rel'`.
  static func namingVerb(in text: String) -> String {
    text.replacing("see the objective '", with: "see 'reflux objective ")
  }

  private static func advice(on error: ObjectiveError) -> String {
    switch error {
    case .unknownObjective:
      ";" + (error.guess.map { " did you mean '\($0)'?" } ?? "")
        + " 'reflux objective list' shows them"
    case .unknownOption: error.guess.map { "; did you mean '\($0)'?" } ?? ""
    case .value(_, let found, _) where found.isEmpty: "; write key=value"
    case .noLabels: "; give --labels"
    case .noTarget(let name):
      "; give "
        + (!name.entry.kinds.contains(.dense)
          ? "--targets" : name.entry.kinds.count > 1 ? "--teacher or --targets" : "--teacher")
    case .temperature(_, sets: 1): ". Use --teacher, or 'ttm'"
    case .kind(let name, let kind, _): advice(on: name.entry, kind)
    case .draws(_, let gamma, _):
      ". Cache with --tau \(OptionValue.number(gamma))" + (gamma == 1 ? "" : " --uncorrected")
    case .power(_, let gamma, _): "; cache with --gamma \(OptionValue.number(gamma))"
    case .corrected: " (--uncorrected)"
    case .uncorrected: "; cache without --uncorrected"
    case .missingScalar(_, let scalar): "; cache again with --record \(scalar.rawValue)"
    default: ""
    }
  }

  private static func advice(on entry: ObjectiveEntry, _ kind: TargetKind) -> String {
    switch (kind, entry.misfit) {
    case (.sampled, .notLinear?):
      "; cache with --estimator topk, or run the teacher with --teacher"
    case (.sampled, _) where entry.kinds.contains(.topk): "; cache with --estimator topk"
    case (.dense, _): entry.kinds == [.label] ? "" : "; give --targets, or take 'fullkd'"
    case (.topk, _) where entry.kinds == [.sampled]: "; use the loss 'topk'"
    default: entry.kinds.contains(.dense) ? ". Run it with --teacher" : ""
    }
  }
}
