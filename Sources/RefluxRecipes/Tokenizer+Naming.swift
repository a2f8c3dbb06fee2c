public import RefluxTokens

/// Tokens as settings name them.
extension Tokenizer {
  /// The ids before a text.
  ///
  /// - Parameters:
  ///   - bos: a token or its id, `none`, or `auto` for what the tokenizer's post_processor says.
  ///   - path: the tokenizer's file, for errors.
  /// - Throws: `learning` where there is no such token.
  public func start(_ bos: String, at path: String) throws(RecipeError) -> [UInt32] {
    switch bos {
    case "auto": frame.before
    case "none": []
    default: [try id(named: bos, setting: "bos", at: path)]
    }
  }

  /// The id of a token that a setting names.
  ///
  /// - Throws: `learning` where there is no such token.
  public func id(
    named name: String, setting: String, at path: String
  ) throws(RecipeError) -> UInt32 {
    if let id = id(named: name) { return id }
    throw .learning(path: path, .noToken(name, setting: setting, ids: vocabularySize))
  }
}
