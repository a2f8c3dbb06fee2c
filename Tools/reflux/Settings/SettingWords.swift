import RefluxSettings

/// What is wrong with settings, in the words of whoever gave them.
enum SettingWords<Root: Settings> {
  /// For a command line, where settings are options.
  static func text(of error: SettingError) -> String {
    switch error {
    case .missing(let key):
      "missing " + (setting(key).map { "\($0.option) <\($0.valueText)>" } ?? key)
    case .value(let key, let found, let expected):
      (setting(key)?.option ?? key) + " is \(found), expected \(expected)" + guess(key, found)
    case .fault(let key, let text):
      (setting(key)?.option ?? key) + ": " + Failure.namingVerb(in: text)
    case .combination(let text): options(in: text)
    default: error.description
    }
  }

  /// For a run file, where they are keys.
  static func text(ofFile error: SettingError) -> String {
    switch error {
    case .unknown(let key, nil): "no setting '\(key.prefix(60))'" + foreign(key)
    case .value(let key, let found, _): error.description + guess(key, found)
    default: error.description
    }
  }

  private static func setting(_ key: String) -> Setting<Root>? {
    Root.table.first { $0.key == key }
  }

  /// `--held-out` for `'held_out'`.
  static func options(in text: String) -> String {
    // A loss may have the name of a setting.
    Root.table.reduce(text.replacing("loss '", with: "loss \u{1}")) {
      $0.replacing("'\($1.key)'", with: $1.option)
    }.replacing("\u{1}", with: "'")
  }

  /// The choice that a word is nearest to.
  private static func guess(_ key: String, _ found: String) -> String {
    guard case .text(let choices)? = setting(key)?.form else { return "" }
    let word = String(found.filter { $0 != "'" })
    return Spelling.nearest(to: word, in: choices).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// What other programs' names for a setting are called here.
  private static func foreign(_ key: String) -> String {
    let options = Set(Root.table.map(\.option))
    guard let name = OptionName("--" + key), let advice = ForeignNames.option(name, options) else {
      return ""
    }
    let keys = Root.table.reduce(String(advice.dropLast())) {
      $0.replacing("'\($1.option)'", with: "'\($1.key)'")
    }
    return "; " + keys
  }
}
