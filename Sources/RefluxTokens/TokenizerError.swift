public import RefluxJSON

/// What can be wrong with a tokenizer's file, a trainer's settings, or ids to decode.
public enum TokenizerError: Error, Equatable, Sendable {
  /// The file is not JSON.
  case json(JSONError)
  /// A file beyond the limit, in bytes.
  case tooLarge(found: Int, limit: Int)
  /// The file lacks a field.
  case missing(field: String)
  /// A field holds something of the wrong type or beyond its limits.
  case malformed(field: String, found: String, expected: String)
  /// A field asks for something that is not done here; ignoring it would change the tokens.
  case unsupported(field: String, found: String, supported: String)
  /// Two tokens have the same id.
  case duplicateID(UInt32, String, String)
  /// The ids do not run from 0 without a gap.
  case missingID(UInt32, tokens: Int)
  /// No token stands for this single byte, so texts with it could not be encoded.
  case missingByte(UInt8)
  /// A merge names a token, or makes one, that the vocabulary does not have.
  case unknownMergeToken(merge: Int, token: String)
  /// The same pair is merged twice.
  case duplicateMerge(merge: Int, pair: String)
  /// An id that no token has, at `index` of the ids to decode.
  case unknownToken(id: UInt32, index: Int, vocabularySize: Int)
  /// A vocabulary to train that is too small for the bytes or beyond every store's limit.
  case vocabularySize(found: Int, allowed: ClosedRange<Int>)
  /// Nothing was added before training.
  case noText
}

extension TokenizerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .json(let error): error.description
    case .tooLarge(let found, let limit):
      "tokenizer of \(found) bytes is beyond the limit of \(limit); expected a tokenizer.json"
    case .missing(let field):
      "tokenizer has no '\(field)'; expected the tokenizer.json of a byte-level BPE"
    case .malformed(let field, let found, let expected):
      "tokenizer field '\(field)' is \(found); expected \(expected)"
    case .unsupported(let field, let found, let supported):
      "tokenizer field '\(field)' is \(found), which is not supported; supported: \(supported)"
    case .duplicateID(let id, let first, let second):
      "tokens '\(first)' and '\(second)' share id \(id); give every token an id of its own"
    case .missingID(let id, let tokens):
      "no token has id \(id), yet there are \(tokens) tokens; expected ids 0..<\(tokens)"
    case .missingByte(let byte):
      "no token stands for byte \(byte); expected all 256 single bytes in 'model.vocab'"
    case .unknownMergeToken(let merge, let token):
      "merge \(merge) needs the token '\(token)', which 'model.vocab' lacks; the file is damaged"
    case .duplicateMerge(let merge, let pair):
      "merge \(merge) repeats the pair '\(pair)'; remove one of the two"
    case .unknownToken(let id, let index, let vocabularySize):
      "id \(id) at index \(index) is not a token; expected ids below \(vocabularySize)"
    case .vocabularySize(let found, let allowed):
      "a vocabulary of \(found) tokens cannot be trained; choose "
        + "\(allowed.lowerBound) to \(allowed.upperBound)"
    case .noText: "no text to train the tokenizer on; give at least one file that is not empty"
    }
  }
}
