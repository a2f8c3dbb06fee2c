/// What a corpus leaves out of the folders that were named, by reason.
public struct PassedOver: Equatable, Sendable {
  /// Why something is left out.
  public enum Reason: Hashable, Sendable {
    /// The file is no text.
    case content(FileContent)
    /// The file has no bytes.
    case empty
    /// The name begins with a dot.
    case hidden
    /// A link, where none is followed, or a link to a folder.
    case link
    /// A device, a pipe or a socket.
    case special
    /// The system does not let it be read.
    case unreadable

    /// A word for scripts.
    public var name: String {
      switch self {
      case .content(let content): content.rawValue
      case .empty: "empty"
      case .hidden: "hidden"
      case .link: "link"
      case .special: "special"
      case .unreadable: "unreadable"
      }
    }
  }

  /// The files of one reason.
  public struct Group: Equatable, Sendable {
    /// Why they are left out.
    public let reason: Reason
    /// How many there are.
    public internal(set) var count: Int
    /// The first ones.
    public internal(set) var paths: [String]
  }

  /// Nothing.
  public init() {}

  /// In the order of their first files.
  public private(set) var groups: [Group] = []

  /// The most names that are kept of each reason.
  public static let namesKept = 10

  /// Files that are no text.
  public var binaryFiles: Int {
    groups.reduce(0) { sum, group in
      if case .content(let content) = group.reason, content != .jsonArray {
        sum + group.count
      } else {
        sum
      }
    }
  }

  mutating func add(_ reason: Reason, _ path: String) {
    guard let index = groups.firstIndex(where: { $0.reason == reason }) else {
      return groups.append(Group(reason: reason, count: 1, paths: [path]))
    }
    groups[index].count += 1
    if groups[index].paths.count < Self.namesKept { groups[index].paths.append(path) }
  }
}
