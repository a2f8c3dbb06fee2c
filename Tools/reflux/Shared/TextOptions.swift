import ArgumentParser
import RefluxRecipes
import RefluxTokens

/// How text becomes ids, for every verb that encodes some.
struct TextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What goes before a text: a token or its id, 'none', or 'auto' for what the tokenizer's "
        + "post_processor puts there.", valueName: "token"))
  var bos = "auto"

  @Flag(
    help: "Read special tokens such as <|im_end|> in a text as such; they are ordinary text else.")
  var parseSpecial = false

  /// The ids before a text.
  func start(_ tokenizer: Tokenizer, at path: String) throws(Failure) -> [UInt32] {
    try Self.start(bos, of: tokenizer, at: path)
  }

  /// The ids before a text, by what `bos` says.
  static func start(
    _ bos: String, of tokenizer: Tokenizer, at path: String
  ) throws(Failure) -> [UInt32] {
    switch bos {
    case "auto": tokenizer.frame.before
    case "none": []
    default: [try id(bos, of: tokenizer, option: "--bos", at: path)]
    }
  }

  /// The id of a token that an option names.
  static func id(
    _ name: String, of tokenizer: Tokenizer, option: String, at path: String
  ) throws(Failure) -> UInt32 {
    if let id = tokenizer.id(named: name) { return id }
    throw Failure(
      path: path,
      "has no token '\(name.prefix(60))'; \(option) takes a token as the file spells it, or an id"
        + " below \(tokenizer.vocabularySize)", exitCode: .usage)
  }
}

extension Tokenizer {
  /// Tokens for people: their texts and ids.
  func names(_ ids: [UInt32]) -> String {
    ids.map { id in
      "'\(String(decoding: bytes(of: id) ?? [], as: UTF8.self).prefix(60))' (\(id))"
    }.joined(separator: ", ")
  }
}

extension TokenizerSource {
  /// Reads what a command line names: a tokenizer.json or a model's folder.
  static func read(_ path: String) throws(Failure) -> TokenizerSource {
    do {
      return try TokenizerSource(path: path)
    } catch .tokenizer(let path, let error) {
      throw Failure(error, at: path)
    } catch {
      throw Failure(error)
    }
  }
}
