extension Tokenizer {
  /// The bytes that `ids` stand for; those of an added token are its content in UTF-8.
  ///
  /// - Returns: The text; not valid UTF-8 where the ids cut a character.
  /// - Throws: `TokenizerError.unknownToken` for the first id that no token has.
  /// - Cost: Linear.
  public func decode(_ ids: [UInt32]) throws(TokenizerError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * ids.count)
    for (index, id) in ids.enumerated() {
      guard id < UInt32(vocabularySize) else {
        throw .unknownToken(id: id, index: index, vocabularySize: vocabularySize)
      }
      bytes.append(contentsOf: model.tokens[Int(id)])
    }
    return bytes
  }
}
