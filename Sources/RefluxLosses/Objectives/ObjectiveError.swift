public import RefluxTargets

/// Why an objective cannot be computed.
public enum ObjectiveError: Error, Equatable, Sendable {
  // What was asked for.
  case unknownObjective(String)
  case unknownOption(String, ObjectiveName)
  /// A text that is no `key=value`.
  case noValue(String, ObjectiveName)
  case repeatedOption(String)
  case value(String, found: String, expected: String)
  case missingOption(String, ObjectiveName)
  case noLabels(ObjectiveName)
  case noTarget(ObjectiveName)
  /// The sets are at another T.
  case temperature(Double, sets: Double)
  /// The option makes the loss infinite where the teacher's probability is 0.
  case droppedTail(ObjectiveName)
  case group(Int, rows: Int)
  /// A group of rows that ends in another window.
  case window(Int, group: Int)
  /// An objective that is of no training of a language model.
  case untrainable(ObjectiveName)
  /// A share of the label beside an objective that has its own.
  case labelShare(ObjectiveName)
  /// Correlations of columns need every probability.
  case intraOfSets

  // What the target is.
  case kind(ObjectiveName, TargetKind, Estimator?)
  /// Stores of two kinds in one run.
  case kinds(TargetKind, TargetKind)
  case missingScalar(ObjectiveName, TargetScalar)
  case draws(ObjectiveName, gamma: Double, tau: Double)
  /// Draws from p^tau whose weights are those of p.
  case corrected(ObjectiveName)
  /// Draws from p^tau whose weights are not those of p.
  case uncorrected(ObjectiveName, tau: Double)
  /// The scalar `power` of another exponent.
  case power(ObjectiveName, gamma: Double, found: Double)

  // What the arrays hold.
  case rows(Int, of: String, expected: Int)
  case columns(Int, of: String, expected: Int)
  /// A table without a row for each id.
  case table(rows: Int, vocabularySize: Int)
  case notFinite(row: Int, column: Int, of: String)
  case noProbability(row: Int, of: String)
  /// A number that must be finite.
  case noNumber(row: Int, column: Int, of: String)
  case label(Int, row: Int, vocabularySize: Int)
  case id(Int, row: Int, vocabularySize: Int)
  case repeatedID(Int, row: Int)
  case weight(Double, row: Int)
  case mass(Double, row: Int)
  case tooFew(Int, row: Int, of: String, needed: Int)
  case head(row: Int, mass: Double, mu: Double)
  case infinite(ObjectiveName, row: Int)
  case score(Double, row: Int, of: String)
  case shares(Double)
  /// All labels are ignored, or all weights are 0.
  case noRows
  /// Rows that stand together are weighed in parts.
  case unevenRows(ObjectiveName)
  case rowWeight(Double, row: Int)

  /// Whether another command line helps, not other data.
  public var isOfOptions: Bool {
    switch self {
    case .unknownObjective, .unknownOption, .noValue, .repeatedOption, .value, .missingOption,
      .noLabels, .noTarget, .temperature, .droppedTail, .group, .window, .untrainable, .labelShare,
      .intraOfSets, .shares:
      true
    default: false
    }
  }
}

extension ObjectiveError {
  /// Whether sets of ids are at fault, or do not go with the options.
  public var isOfSets: Bool {
    switch self {
    case .kind, .kinds, .missingScalar, .draws, .corrected, .uncorrected, .power, .temperature:
      true
    default: false
    }
  }

  /// Which array is at fault, as the description calls it; nil where the target is.
  public var array: String? {
    switch self {
    case .rows(_, let what, _), .columns(_, let what, _), .notFinite(_, _, let what),
      .noProbability(_, let what), .noNumber(_, _, let what), .tooFew(_, _, let what, _),
      .score(_, _, let what):
      what
    case .label: "the labels"
    case .table: "the table"
    case .unevenRows, .rowWeight: "the weights"
    case .noRows: "the labels or weights"
    default: nil
    }
  }
}

extension ObjectiveError: CustomStringConvertible {
  public var description: String { isOfOptions ? choiceText : targetText ?? dataText }

  private var choiceText: String {
    switch self {
    case .unknownObjective(let name): "no objective '\(name)'"
    case .unknownOption(let key, let name):
      "'\(name.rawValue)' has no option '\(key)'; "
        + (name.entry.options.isEmpty
          ? "it has none"
          : "it has: " + name.entry.options.map(\.key).joined(separator: ", "))
    case .noValue(let text, let name):
      "'\(text)' is no option of '\(name.rawValue)'; write key=value"
    case .repeatedOption(let key): "'\(key)' is given twice; give it once"
    case .value(let key, let found, let expected): "\(key) is '\(found)', expected \(expected)"
    case .missingOption(let key, let name): "'\(name.rawValue)' needs \(key)=FILE"
    case .noLabels(let name): "the loss '\(name.rawValue)' needs the label of each row"
    case .noTarget(let name):
      "the loss '\(name.rawValue)' needs "
        + (name.entry.kinds.contains(.dense) ? "the teacher's logits" : "sets of ids")
        + (name.entry.kinds.count > 1 ? ", or sets of ids" : "")
    case .temperature(let temperature, let found):
      "temperature \(OptionValue.number(temperature)) needs a target at that temperature; the sets"
        + " are at \(OptionValue.number(found))"
    case .droppedTail(let name): Self.infinite(name)
    case .group(let group, let rows):
      "group \(group) does not divide the \(rows) rows; give a group that does"
    case .window(let window, let group):
      "group \(group) does not divide the window of \(window) tokens"
    case .untrainable(let name): Self.untrainable(name)
    case .labelShare(let name):
      "the loss '\(name.rawValue)' contains the label; leave 'alpha' at 1"
        + (name == .dhkd ? ", its 'weight' is the teacher's share" : "")
    case .intraOfSets: "intra needs all logits of the teacher; a store keeps a few"
    case .shares(let rest):
      "b1 and b2 leave \(Self.shown(rest)) for the ids of other groups; expected shares that add up"
        + " to 1"
    default: ""
    }
  }

  /// With at most six digits behind the point.
  private static func shown(_ value: Double) -> String {
    OptionValue.number((value * 1e6).rounded() / 1e6).description
  }

  private static func untrainable(_ name: ObjectiveName) -> String {
    "the loss '\(name.rawValue)' "
      + (name == .llp
        ? "takes scores of links, not a vocabulary"
        : "needs groups of classes, which a vocabulary has not")
      + "; see the objective '\(name.rawValue)'"
  }

  private static func infinite(_ name: ObjectiveName) -> String {
    "the loss '\(name.rawValue)' is infinite where the teacher's probability is 0; use tail=bucket,"
      + " or 'jsd'"
  }

  private var targetText: String? {
    switch self {
    case .kind(let name, let kind, let estimator): Self.misfit(name.entry, kind, estimator)
    case .kinds(let one, let other):
      "the stores have sets of two kinds, \(one.rawValue) and \(other.rawValue); a run learns"
        + " from one"
    case .missingScalar(let name, let scalar):
      "the loss '\(name.rawValue)' needs \(scalar.words), which the sets do not keep"
    case .draws(let name, let gamma, let tau):
      "the loss '\(name.rawValue)' with gamma \(OptionValue.number(gamma)) needs draws from"
        + " p^\(OptionValue.number(gamma)); the sets were drawn at tau \(OptionValue.number(tau))"
    case .corrected(let name):
      "the weights were corrected back to p; '\(name.rawValue)' needs the counts themselves"
    case .uncorrected(let name, let tau):
      "the sets are draws from p^\(OptionValue.number(tau)), not corrected back to p, from which"
        + " the loss '\(name.rawValue)' learns"
    case .power(let name, let gamma, let found):
      "the loss '\(name.rawValue)' with gamma \(OptionValue.number(gamma)) needs the sum of"
        + " p^\(OptionValue.number(gamma)); the sets keep that of p^\(OptionValue.number(found))"
    case .infinite(let name, let row): "row \(row): " + Self.infinite(name)
    case .head(let row, let mass, let mu):
      "row \(row): the set holds \(Self.shown(mass)) of the teacher's mass, less than mu"
        + " \(OptionValue.number(mu)), so the head does not end in it; cache more ids"
    default: nil
    }
  }

  private static func misfit(
    _ entry: ObjectiveEntry, _ kind: TargetKind, _ estimator: Estimator?
  ) -> String {
    let name = entry.name.rawValue
    let word = estimator.map { "the estimator '\($0.rawValue)'" } ?? "an unknown estimator"
    let start = "samples of \(word) do not fit the loss '\(name)'"
    switch kind {
    case .sampled:
      if let misfit = entry.misfit { return start + ": " + misfit.reason }
      if entry.kinds.contains(.topk) { return start + ", which takes top-K sets" }
      return takesNoSets(entry)
    case .topk:
      if entry.kinds.contains(.sampled) {
        return start + ", which takes counts"
      }
      return takesNoSets(entry)
    default:
      return entry.kinds == [.label]
        ? "the loss '\(name)' takes no teacher, only labels"
        : "the loss '\(name)' takes sets of ids, not all logits of the teacher"
    }
  }

  private static func takesNoSets(_ entry: ObjectiveEntry) -> String {
    entry.kinds == [.label]
      ? "the loss '\(entry.name.rawValue)' takes no sets, only labels"
      : "the loss '\(entry.name.rawValue)' needs all logits of the teacher; a store keeps a few"
  }

  private var dataText: String {
    switch self {
    case .rows(let found, let what, let expected):
      "\(what) has \(found) rows, the student has \(expected); expected as many"
    case .columns(let found, let what, let expected):
      "\(what) has \(found) numbers in a row, expected \(expected)"
    case .table(let rows, let size):
      "the table has \(rows) rows, the vocabulary \(size) ids; expected a row for each id"
    case .notFinite(let row, let column, let what):
      "row \(row) of \(what) has no number at \(column); expected finite numbers, or -infinity for"
        + " ids that cannot be"
    case .noNumber(let row, let column, let what):
      "row \(row) of \(what) has no number at \(column); expected finite numbers"
    case .noProbability(let row, let what):
      "row \(row) of \(what) is -infinity everywhere; expected a finite number"
    case .label(let label, let row, let size):
      "row \(row): label \(label), expected 0 to \(size - 1)"
    case .id(let id, let row, let size): "row \(row): id \(id), expected 0 to \(size - 1)"
    case .repeatedID(let id, let row): "row \(row): id \(id) comes twice; expected each once"
    case .weight(let weight, let row), .rowWeight(let weight, let row):
      "row \(row): weight \(weight), expected a finite number of 0 or more"
    case .mass(let mass, let row):
      "row \(row): the weights add up to \(Self.shown(mass)), expected above 0 and at most 1"
    case .tooFew(let found, let row, let what, let needed):
      "row \(row) of \(what) has \(found) finite numbers, \(needed) are needed; take a smaller k"
    case .score(let score, let row, let what):
      "row \(row) of \(what) has the score \(score), expected one between 0 and 1"
    case .noRows: "no row counts: expected a label that is not ignored, and a weight above 0"
    case .unevenRows(let name):
      "the loss '\(name.rawValue)' takes rows together; expected weights of 0 and 1"
    default: ""
    }
  }
}
