import RefluxJSON
import TestSupport

/// Changes to JSON texts: blind ones to their bytes, and ones that leave JSON, so that the code
/// after the parser is reached.
enum JSONMutation {
  /// Numbers at the ends of what anything can hold.
  private static let edges: [JSONValue] =
    [Int.min, Int.min + 1, -1 << 32, -1, 0, 1, 2, 255, 1 << 16, 1 << 24, 1 << 31, 1 << 32, 1 << 53]
    .map(JSONValue.integer)
    + [1 << 62, Int.max].map(JSONValue.integer)
    + [1e308, -1e308, Double.leastNonzeroMagnitude, 0.5, -0.5, 1e19, 3.4e38].map(JSONValue.number)
  private static let others: [JSONValue] = [
    .null, .bool(true), .bool(false), .string(""), .string("x"), .string("\u{202E}../.."),
    .array([]), .object([:]), .array([.integer(.max), .integer(.max)]), .array([.null]),
  ]

  static func bytes(_ good: [UInt8], using random: inout TestRandom) -> [UInt8] {
    var bytes = good
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
      case 2: bytes.remove(at: place)
      default:
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return bytes
  }

  /// One to four values replaced, left out or doubled.
  static func values(_ good: JSONValue, using random: inout TestRandom) -> JSONValue {
    var value = good
    for _ in 0..<Int.random(in: 1...4, using: &random) { value = change(value, using: &random) }
    return value
  }

  private static func change(_ value: JSONValue, using random: inout TestRandom) -> JSONValue {
    let isLeaf = Int.random(in: 0..<4, using: &random) == 0
    switch value {
    case .object(let object) where !isLeaf && !object.members.isEmpty:
      var members = object.members
      let place = Int.random(in: 0..<members.count, using: &random)
      if Int.random(in: 0..<6, using: &random) == 0 {
        members.remove(at: place)
      } else {
        members[place].value = change(members[place].value, using: &random)
      }
      return .object(JSONObject(members))
    case .array(let elements) where !isLeaf && !elements.isEmpty:
      var elements = elements
      let place = Int.random(in: 0..<elements.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: elements.remove(at: place)
      case 1: elements.append(elements[place])
      default: elements[place] = change(elements[place], using: &random)
      }
      return .array(elements)
    default:
      let isNumber = Int.random(in: 0..<3, using: &random) > 0
      return (isNumber ? edges : others).randomElement(using: &random) ?? .null
    }
  }
}
