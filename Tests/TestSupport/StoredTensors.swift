import Foundation

/// A reader of safetensors files for tests alone, so that references do not pass through the code
/// they judge.
public struct StoredTensors: Sendable {
  private struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var data_offsets: [Int]
  }

  private let entries: [String: Entry]
  private let payload: [UInt8]

  /// Reads a whole file.
  public init(path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = Data(bytes[8..<8 + length])
    var object = try JSONSerialization.jsonObject(with: header) as? [String: Any] ?? [:]
    object["__metadata__"] = nil
    let rest = try JSONSerialization.data(withJSONObject: object)
    entries = try JSONDecoder().decode([String: Entry].self, from: rest)
    payload = Array(bytes[(8 + length)...])
  }

  /// All tensors, sorted.
  public var names: [String] { entries.keys.sorted() }

  /// The sizes of a tensor's dimensions.
  public func shape(_ name: String) -> [Int] { entry(name).shape }

  /// The elements of an F32 tensor.
  public func floats(_ name: String) -> [Float] {
    precondition(entry(name).dtype == "F32", "\(name) is \(entry(name).dtype)")
    return words(name, size: 4).map { Float(bitPattern: UInt32($0)) }
  }

  /// The elements of a U8 or I32 tensor.
  public func integers(_ name: String) -> [Int] {
    let kind = entry(name).dtype
    precondition(kind == "U8" || kind == "I32", "\(name) is \(kind)")
    return words(name, size: kind == "U8" ? 1 : 4)
  }

  private func entry(_ name: String) -> Entry {
    guard let entry = entries[name] else { preconditionFailure("no stored tensor \(name)") }
    return entry
  }

  private func words(_ name: String, size: Int) -> [Int] {
    let range = entry(name).data_offsets
    return stride(from: range[0], to: range[1], by: size).map { start in
      (0..<size).reduce(0) { $0 | Int(payload[start + $1]) << (8 * $1) }
    }
  }
}
