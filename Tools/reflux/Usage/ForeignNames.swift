/// What PyTorch's, Hugging Face's and nanoGPT's tools call the things that this command does too.
enum ForeignNames {
  /// Options that mean the same, or what is here in their place.
  struct Entry {
    /// Without dashes.
    var names: Set<Substring>
    /// Options with their values, the first one that the verb has is it.
    var options: [String]
    /// What else is to be said, or all that is to be said where there is no option.
    var note: String?

    init(_ names: String, _ options: String..., note: String? = nil) {
      self.names = Set(names.split(separator: " "))
      self.options = options
      self.note = note
    }
  }

  /// What to write in place of an option; nil where nothing is known of it.
  static func option(_ found: OptionName, _ known: Set<String>) -> String? {
    if known.contains("--" + found.word) { return "here it is '--\(found.word)';" }
    let word = Substring(found.word)
    for entry in options where entry.names.contains(word) {
      let own = entry.options.first { known.contains(String($0.prefix { $0 != " " })) }
      if let own { return "here it is '\(own)'" + (entry.note.map { " (\($0));" } ?? ";") }
      if entry.options.isEmpty { return entry.note.map { $0 + ";" } }
    }
    return nil
  }

  /// The verb that does what others call `name`.
  static func verb(_ name: String) -> String? {
    verbs.first { $0.names.contains(Substring(name)) }?.options.first
  }

  private static let verbs = [
    Entry("distil distill pretrain finetune fit", "train"), Entry("capture teacher", "cache"),
    Entry("eval test validate perplexity", "evaluate"), Entry("infer chat complete", "generate"),
    Entry("info show describe", "inspect"), Entry("check", "verify"), Entry("convert", "import"),
    Entry("repair", "recover"), Entry("compare", "report"), Entry("dump head print", "cat"),
  ]
}

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
