/// A part of a store's file, as errors name it.
public enum StorePart: Equatable, Sendable, CustomStringConvertible {
  case header
  case dictionary
  case block(Int)
  case index
  case trailer

  public var description: String {
    switch self {
    case .header: "header"
    case .dictionary: "dictionary"
    case .block(let number): "block \(number)"
    case .index: "index"
    case .trailer: "trailer"
    }
  }
}
