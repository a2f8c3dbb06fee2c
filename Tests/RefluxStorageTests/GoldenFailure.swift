import RefluxStorage

/// How a file fails: the error by name as reference.py prints it, and the exact message.
struct GoldenFailure: Codable, Equatable {
  var file: String
  var error: String
  var block: Int?
  var message: String

  /// The first thing that is wrong with the store at `path`; nil if nothing is.
  init?(name: String, path: String) throws {
    do throws(StoreError) {
      let verification = try StoreVerification.verify(path: path)
      guard let first = verification.failures.first else { return nil }
      self.init(
        file: name, error: Self.name(of: first), block: first.block, message: first.message)
    } catch {
      self.init(file: name, error: Self.name(of: error), block: nil, message: "\(error)")
    }
  }

  init(file: String, error: String, block: Int?, message: String) {
    self.file = file
    self.error = error
    self.block = block
    self.message = message
  }

  private static func name(of failure: StoreVerification.Failure) -> String {
    if failure.block != nil { return "damaged_block" }
    for part in ["header", "index", "trailer"] where failure.message.hasPrefix(part) {
      return "damaged_" + part
    }
    return failure.message.hasPrefix("not sealed") ? "unsealed" : "other"
  }

  private static func name(of error: StoreError) -> String {
    switch error {
    case .empty: "empty"
    case .notAStore: "not_a_store"
    case .convertedLineEnds: "converted_line_ends"
    case .unsupportedVersion: "unsupported_version"
    case .unsupportedFeatures: "unsupported_features"
    default: "other"
    }
  }
}
