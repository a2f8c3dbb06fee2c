internal import RefluxFiles
public import RefluxModel
public import RefluxTokens

/// What a model's folder holds for those who use it with text: the files beside configuration and
/// weights that Hugging Face's `AutoTokenizer` and `generate` read.
public struct ModelText: Sendable {
  /// The files by name.
  public internal(set) var files: [String: [UInt8]] = [:]
  /// The tokenizer of `tokenizer.json`; nil where it is of a kind that is not read here.
  public let tokenizer: Tokenizer?
  /// The special ids for config.json; nil for those of the model's configuration.
  public internal(set) var specialTokens: SpecialTokens?
  /// Whether `transformers` will put an id before a text that training never saw there.
  public internal(set) var putsUnseenBeginning = false

  static let tokenizerName = "tokenizer.json"
  static let settingsName = "tokenizer_config.json"
  static let generationName = "generation_config.json"
  static let names = [
    tokenizerName, settingsName, generationName, "special_tokens_map.json", "added_tokens.json",
    "chat_template.jinja", "chat_template.json", "tokenizer.model", "vocab.json", "merges.txt",
  ]

  /// What a file is by its name; those of other tokenizers are as large as a tokenizer.json.
  private static func kind(of name: String) -> WholeFile {
    switch name {
    case generationName: .modelConfiguration
    case settingsName, "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
      "chat_template.json":
      .tokenizerConfiguration
    default: .tokenizer
    }
  }

  /// The files of a folder, as they are.
  ///
  /// - Throws: `file`.
  /// - Complexity: the files' bytes in memory.
  public init(folder: String) throws(ModelFilesError) {
    try self.init(folder: folder, names: Self.names)
  }

  /// Those of `names`.
  init(folder: String, names: [String]) throws(ModelFilesError) {
    for name in names {
      let path = folder + "/" + name
      if !FileSystem.exists(path: path) { continue }
      // What transformers leaves there of a GGUF file is the whole model.
      if name == "tokenizer.model", (try? FileSystem.size(path: path)) ?? 0 > 1 << 24 { continue }
      do { files[name] = try FileSystem.readFile(path: path, as: Self.kind(of: name)) } catch {
        throw .file(error)
      }
    }
    tokenizer = files[Self.tokenizerName].flatMap { try? Tokenizer(json: $0) }
  }

  /// A tokenizer.json under any name, alone.
  ///
  /// - Throws: `file`, or `tokenizer` for what cannot be read.
  public init(file path: String) throws(ModelFilesError) {
    let bytes: [UInt8]
    do { bytes = try FileSystem.readFile(path: path, as: .tokenizer) } catch {
      throw .file(error)
    }
    do { tokenizer = try Tokenizer(json: bytes) } catch { throw .tokenizer(error) }
    files[Self.tokenizerName] = bytes
  }

  /// A tokenizer that was made here.
  public init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    files[Self.tokenizerName] = tokenizer.json()
  }

  /// Writes the files into a folder, each replaced whole.
  func save(to folder: String) throws(FileError) {
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
      try FileSystem.writeFile(path: folder + "/" + name, bytes: bytes)
    }
  }
}
