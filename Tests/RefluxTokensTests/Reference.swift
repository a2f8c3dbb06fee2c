import Foundation
import RefluxJSON
import RefluxTokens
import TestSupport

/// The files beside `References/make_reference.py`: what Hugging Face's library made.
enum Reference {
  /// The tokenizers of the reference by the name of their pre-tokenizer, with their files.
  static let files = [
    "gpt2": "trained.json", "llama3": "llama3.json", "qwen2": "qwen2.json", "digits": "digits.json",
  ]

  static func bytes(_ name: String) throws -> [UInt8] {
    let path = RepositoryFolder.file("Tests/RefluxTokensTests/References/" + name)
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  static func tokenizer(_ name: String = "gpt2") throws -> Tokenizer {
    try Tokenizer(json: try bytes(files[name] ?? name))
  }

  static let encodings: JSONObject = {
    guard let bytes = try? bytes("encodings.json"), let value = try? JSONValue(parsing: bytes)
    else {
      preconditionFailure("encodings.json cannot be read")
    }
    return value.objectValue ?? [:]
  }()

  /// The texts under `key`.
  static func texts(_ key: String) -> [String] {
    encodings[key]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  /// The lists of numbers under `key` and `name`, one for each text.
  static func numbers(_ key: String, _ name: String) -> [[Int]] {
    encodings[key]?.objectValue?[name]?.arrayValue?.compactMap { list in
      list.arrayValue?.compactMap(\.integerValue)
    } ?? []
  }
}
