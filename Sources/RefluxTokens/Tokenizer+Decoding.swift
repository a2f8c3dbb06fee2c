extension Tokenizer {
  /// The bytes that `ids` stand for; those of an added token are its content in UTF-8.
  ///
  /// - Parameter continuing: Whether the ids go on with a text, whose start is elsewhere: a space
  ///   that a tokenizer puts before every text is then not looked for.
  /// - Returns: The text; not valid UTF-8 where the ids cut a character.
  /// - Throws: `TokenizerError.unknownToken` for the first id that no token has, and `unsupported`
  ///   where the file's decoder is not one that is known.
  /// - Cost: Linear.
  public func decode(
    _ ids: [UInt32], continuing: Bool = false
  ) throws(TokenizerError) -> [UInt8] {
    if let refusal = model.decoderRefusal { throw refusal }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * ids.count)
    for (index, id) in ids.enumerated() {
      guard id < UInt32(vocabularySize) else {
        throw .unknownToken(id: id, index: index, vocabularySize: vocabularySize)
      }
      bytes.append(contentsOf: model.tokens[Int(id)])
    }
    if !continuing, pieces?.form.stripsSpace ?? false, bytes.first == 0x20 {
      bytes.removeFirst()
    }
    return bytes
  }
}
