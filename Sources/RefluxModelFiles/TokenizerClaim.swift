internal import RefluxBytes
internal import RefluxFiles
public import RefluxStorage
public import RefluxTokens

/// What a store or a model's folder says about the tokenizer of its ids.
public struct TokenizerClaim: Sendable {
  enum Evidence {
    /// A tokenizer.json and its path.
    case file(Tokenizer, path: String)
    /// A store's tokenizer hash.
    case hash(UInt64)
    /// Nothing to compare, and why: a clause.
    case none(String)
  }

  /// The store, folder or file that claims.
  public let owner: String
  let evidence: Evidence

  /// What a token store's header says.
  public init(tokens: TokenStore, name: String) {
    owner = name
    let hash = tokens.header.provenance.tokenizerHash
    evidence =
      hash == 0 ? .none("its header names no tokenizer") : .hash(hash)
  }

  /// What the tokenizer.json of a model's folder says; one that cannot be read says nothing.
  public init(model folder: String) {
    owner = folder
    let path = ModelFolder.tokenizerPath(folder)
    if !FileSystem.exists(path: path) {
      evidence = .none("has no tokenizer.json")
      return
    }
    do {
      evidence = .file(
        try Tokenizer(json: FileSystem.readFile(path: path, as: .tokenizer)), path: path)
    } catch {
      evidence = .none("its tokenizer.json cannot be compared (\(error))")
    }
  }

  /// A tokenizer that was read from `path`.
  public init(_ tokenizer: Tokenizer, path: String) {
    owner = path
    evidence = .file(tokenizer, path: path)
  }

  /// The tokenizer, where there is one to read.
  public var tokenizer: Tokenizer? {
    if case .file(let tokenizer, _) = evidence { tokenizer } else { nil }
  }

  /// Whether it says anything.
  public var isKnown: Bool { silence == nil }

  /// Why nothing can be compared; nil where something can.
  var silence: String? {
    if case .none(let reason) = evidence { reason } else { nil }
  }

  /// Whether both speak of one tokenizer; true where one of them says nothing.
  public func agrees(with other: TokenizerClaim) -> Bool {
    switch (evidence, other.evidence) {
    case (.none, _), (_, .none): true
    case (.file(let mine, _), .file(let theirs, _)): mine.fingerprint == theirs.fingerprint
    case (.file(let tokenizer, _), .hash(let hash)), (.hash(let hash), .file(let tokenizer, _)):
      tokenizer.isNamed(by: hash)
    case (.hash(let mine), .hash(let theirs)): mine == theirs
    }
  }

  /// The claim in a message: `teacher/tokenizer.json, 1a2b3c4d`, or why there is none.
  public var text: String {
    switch evidence {
    case .file(let tokenizer, let path): "\(path), \(Self.short(tokenizer.fingerprint))"
    case .hash(let hash): "\(owner), \(Self.short(hash))"
    case .none(let reason): reason
    }
  }

  private static func short(_ hash: UInt64) -> String { String(hexadecimal(hash).prefix(8)) }
}
