import RefluxStorage

/// How a store fails: the error by name as reference.py prints it, and the exact message.
struct GoldenFailure: Codable, Equatable {
  var file: String
  var error: String
  /// The shard of a folder that it is in.
  var shard: String?
  var block: Int?
  var message: String

  /// The first thing that is wrong with the store at `path`; nil if nothing is.
  init?(name: String, path: String) throws {
    do throws(StoreError) {
      let verification = try StoreVerification.verify(path: path)
      guard let first = verification.failures.first else { return nil }
      self.init(
        file: name, error: Self.name(of: first), shard: first.file, block: first.block,
        message: first.message)
    } catch {
      self.init(file: name, error: Self.name(of: error), block: nil, message: "\(error)")
    }
  }

  init(file: String, error: String, shard: String? = nil, block: Int?, message: String) {
    self.file = file
    self.error = error
    self.shard = shard
    self.block = block
    self.message = message
  }

  private static func name(of failure: StoreVerification.Failure) -> String {
    if failure.block != nil { return "damaged_block" }
    for part in ["header", "dictionary", "index", "trailer"]
    where failure.message.hasPrefix(part) {
      return "damaged_" + part
    }
    if failure.message.contains("manifest.json:") { return "manifest" }
    if failure.message.hasPrefix("cannot open") { return "file" }
    if failure.message.contains("the store holds") { return "wrong_kind" }
    return failure.message.hasPrefix("not sealed") ? "unsealed" : "other"
  }

  private static func name(of error: StoreError) -> String {
    switch error {
    case .empty: "empty"
    case .notAStore: "not_a_store"
    case .convertedLineEnds: "converted_line_ends"
    case .unsupportedVersion: "unsupported_version"
    case .unsupportedFeatures: "unsupported_features"
    case .manifest: "manifest"
    default: "other"
    }
  }
}
