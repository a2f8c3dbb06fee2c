internal import RefluxFiles
internal import RefluxJSON
public import RefluxTokens

/// A tokenizer with what the files beside it say about it.
public struct TokenizerSource: Sendable {
  /// The tokenizer itself.
  public let tokenizer: Tokenizer
  /// Its file.
  public let path: String
  /// `eos_token` of the tokenizer_config.json beside it, nil where there is none.
  public let endOfTextName: String?
  /// `vocab_size` of the config.json in a model's folder: the tokenizer's ids and padding. Nil
  /// where a file was named or the folder has none.
  public let modelVocabularySize: Int?

  /// Reads the tokenizer at `path`: a tokenizer.json, or a model's folder with one.
  ///
  /// - Throws: `file` and `tokenizer`, with the file that is wrong.
  public init(path: String) throws(RecipeError) {
    let isFolder = FileSystem.isFolder(path: path)
    let folder = isFolder ? path : FileSystem.folder(of: path)
    self.path = isFolder ? path + "/tokenizer.json" : path
    let bytes = try Self.read(self.path, as: .tokenizer)
    do { tokenizer = try Tokenizer(json: bytes) } catch { throw .tokenizer(path: self.path, error) }
    let settings = try Self.object(folder + "/tokenizer_config.json", as: .tokenizerConfiguration)
    let end = settings?["eos_token"]
    endOfTextName = end?.stringValue ?? end?.objectValue?["content"]?.stringValue
    let model = isFolder ? try Self.object(folder + "/config.json", as: .modelConfiguration) : nil
    let size = model?["vocab_size"] ?? model?["text_config"]?.objectValue?["vocab_size"]
    modelVocabularySize = size?.integerValue
  }

  /// The token that ends a document: what tokenizer_config.json says, else the tokenizer's own.
  public var endOfText: UInt32? {
    endOfTextName.flatMap { tokenizer.id(of: $0) } ?? tokenizer.endOfText
  }

  private static func read(_ path: String, as kind: WholeFile) throws(RecipeError) -> [UInt8] {
    do { return try FileSystem.readFile(path: path, as: kind) } catch {
      throw .file(path: path, error)
    }
  }

  /// The object in a file that need not be there.
  private static func object(
    _ path: String, as kind: WholeFile
  ) throws(RecipeError) -> JSONObject? {
    if !FileSystem.exists(path: path) { return nil }
    var bytes = try read(path, as: kind)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    do {
      return try JSONValue(parsing: bytes).objectValue
    } catch {
      throw .tokenizer(path: path, .json(error))
    }
  }
}

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
