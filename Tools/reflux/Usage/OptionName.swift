/// An option as it was typed.
struct OptionName {
  /// Without a value: `--Batch_Size` of `--Batch_Size=8`.
  let text: String
  /// As this command writes options: `--batch-size`.
  let name: String

  /// Nil for what is no option: a word, a number, standard input's dash.
  init?(_ argument: String) {
    let text = argument.prefix { $0 != "=" }
    guard text.hasPrefix("-"), let first = text.first(where: { $0 != "-" }), first.isLetter else {
      return nil
    }
    self.text = String(text)
    name = String(text.lowercased().map { $0 == "_" ? "-" : $0 })
  }

  /// Without its dashes: `batch-size`.
  var word: String { String(name.drop { $0 == "-" }) }

  /// `--draft-length` for `'draft_length'`: a text that names settings, as the command line does.
  static func named(in text: String) -> String {
    text.replacing(/'([a-z_]+)'/) { "--" + $0.1.map { $0 == "_" ? "-" : String($0) }.joined() }
  }
}
