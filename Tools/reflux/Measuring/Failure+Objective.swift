import RefluxLosses
import RefluxSettings
import RefluxTargets

/// What an objective is refused for, with what helps on the command line.
extension Failure {
  static func exitCode(of error: ObjectiveError) -> ExitCode {
    error.isOfOptions ? .usage : .badData
  }

  static func message(of error: ObjectiveError) -> String {
    "\(error)" + advice(on: error)
  }

  private static func advice(on error: ObjectiveError) -> String {
    switch error {
    case .unknownObjective(let name):
      ";" + guess(name, ObjectiveName.allCases.map(\.rawValue))
        + " 'reflux objective list' shows them"
    case .unknownOption(let key, let name):
      nearest(key, name.entry.options.map(\.key)).map { "; did you mean '\($0)'?" } ?? ""
    case .value(_, let found, _) where found.isEmpty: "; write key=value"
    case .noLabels: "; give --labels"
    case .noTarget(let name):
      "; give "
        + (!name.entry.kinds.contains(.dense)
          ? "--targets" : name.entry.kinds.count > 1 ? "--teacher or --targets" : "--teacher")
    case .temperature: "; use --teacher, or 'ttm'"
    case .kind(let name, let kind): advice(on: name.entry, kind)
    case .missingScalar(_, .power): ""
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
    default: entry.kinds.contains(.dense) ? "; run it with --teacher" : ""
    }
  }

  private static func nearest(_ name: String, _ names: [String]) -> String? {
    Spelling.nearest(to: name, in: names)
  }

  private static func guess(_ name: String, _ names: [String]) -> String {
    nearest(name, names).map { " did you mean '\($0)'?" } ?? ""
  }
}
