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

  /// A tokenizer of the reference with other members, and with other ones of its model.
  static func tokenizer(
    _ file: String, with members: JSONObject = [:], model: JSONObject = [:]
  ) throws -> Tokenizer {
    var root = try JSONValue(parsing: bytes(file)).objectValue ?? [:]
    root.replace(members)
    var bytePairs = root["model"]?.objectValue ?? [:]
    bytePairs.replace(model)
    root.replace(["model": .object(bytePairs)])
    return try Tokenizer(json: JSONValue.object(root).encoded())
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

extension JSONObject {
  /// Sets members, those that are there in their place.
  mutating func replace(_ other: JSONObject) {
    for member in other.members {
      if let index = members.firstIndex(where: { $0.key == member.key }) {
        members[index] = member
      } else {
        members.append(member)
      }
    }
  }
}
