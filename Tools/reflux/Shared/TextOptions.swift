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
    do { return try tokenizer.start(bos, at: path) } catch { throw Failure(error) }
  }

  /// The id of the token that ends documents, by its name.
  func end(_ name: String, of tokenizer: Tokenizer, at path: String) throws(Failure) -> UInt32 {
    do { return try tokenizer.id(named: name, setting: "end_of_text", at: path) } catch {
      throw Failure(error)
    }
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
