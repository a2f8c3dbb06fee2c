import Foundation
import RefluxJSON
import TestSupport

/// The files beside `References/make_reference.py`: made by NumPy and by the safetensors library.
enum Reference {
  /// One array as NumPy wrote it.
  struct Array {
    let name: String
    let descriptor: String
    let shape: [Int]
    let values: [UInt32]
    let bytes: [UInt8]
  }

  static let arrays: [Array] =
    load("npy.json").arrayValue?.compactMap { value in
      guard let object = value.objectValue else { return nil }
      return Array(
        name: object["name"]?.stringValue ?? "",
        descriptor: object["descriptor"]?.stringValue ?? "",
        shape: object["shape"]?.arrayValue?.compactMap(\.integerValue) ?? [],
        values: object["values"]?.arrayValue?.compactMap { value in
          value.integerValue.flatMap { UInt32(exactly: $0) }
        } ?? [],
        bytes: bytes(object["hex"]))
    } ?? []

  static func array(_ name: String) -> Array {
    guard let array = arrays.first(where: { $0.name == name }) else {
      preconditionFailure("no reference array '\(name)'")
    }
    return array
  }

  /// The file of several tensors, and what it holds.
  static let safetensors: (bytes: [UInt8], tensors: [JSONObject]) = {
    let object = load("safetensors.json").objectValue ?? [:]
    return (bytes(object["hex"]), object["tensors"]?.arrayValue?.compactMap(\.objectValue) ?? [])
  }()

  private static func load(_ name: String) -> JSONValue {
    let path = RepositoryFolder.file("Tests/RefluxInterchangeTests/References/" + name)
    guard let data = FileManager.default.contents(atPath: path),
      let value = try? JSONValue(parsing: [UInt8](data))
    else { preconditionFailure("\(name) cannot be read") }
    return value
  }

  private static func bytes(_ hex: JSONValue?) -> [UInt8] {
    let digits = hex?.stringValue?.compactMap(\.hexDigitValue) ?? []
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }
}
