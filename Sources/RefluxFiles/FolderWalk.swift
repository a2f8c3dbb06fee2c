#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What lies below a folder, in an order that depends on the names only: bytewise within each
/// folder, a folder's files in the place of its name.
///
/// Links to files count as files; links to folders are not followed, so no cycle can trap it.
/// Names are bytes and paths may be of any length.
public struct FolderWalk: Sendable {
  /// One thing that was found.
  public struct Item: Sendable {
    /// What it is to a reader of plain files.
    public enum Kind: Equatable, Sendable {
      /// A plain file, or a link to one.
      case file(isLink: Bool)
      /// A file or folder whose name begins with a dot; not looked at.
      case hidden
      /// A link to a folder, which is not followed.
      case folderLink
      /// A device, a pipe or a socket, or a link to one.
      case special
      /// Something that the system does not let be read, such as a folder without permission or a
      /// link that leads nowhere.
      case unreadable(FileError)
    }

    /// Where it is.
    public let path: SystemPath
    /// What it is.
    public let kind: Kind
    /// Which file it is, whatever its names; nil where the system does not say.
    public let identity: FileIdentity?
  }

  private let root: SystemPath
  private let excluded: Set<FileIdentity>
  private let hidesDots: Bool

  /// - Parameters:
  ///   - excluded: files and folders that are not there as far as the walk goes.
  ///   - hidesDots: whether names that begin with a dot are hidden ones.
  public init(
    _ root: SystemPath, excluding excluded: Set<FileIdentity> = [], hidesDots: Bool = false
  ) {
    self.root = root
    self.excluded = excluded
    self.hidesDots = hidesDots
  }

  /// Calls `body` for everything but folders, which are walked.
  ///
  /// - Throws: what `body` throws; a folder that cannot be listed is an item.
  /// - Complexity: a system call for each item; memory for the names of the folders on the way.
  public func visit<Failure>(_ body: (Item) throws(Failure) -> Void) throws(Failure) {
    // The next ones last.
    var pending = listed(root)
    while let next = pending.popLast() {
      switch next {
      case .item(let item): try body(item)
      case .folder(let path): pending += listed(path)
      }
    }
  }

  private enum Found {
    case item(Item)
    case folder(SystemPath)
  }

  /// What lies in a folder, in reverse.
  private func listed(_ folder: SystemPath) -> [Found] {
    do throws(FileError) {
      let handle = try folder.open(flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
      var found: [Found] = []
      for name in try handle.names().reversed() {
        if let item = look(at: name, in: handle, folder.appending(name)) { found.append(item) }
      }
      return found
    } catch {
      return [.item(Item(path: folder, kind: .unreadable(error), identity: nil))]
    }
  }

  private func look(
    at name: [CChar], in folder: borrowing FileHandle, _ path: SystemPath
  ) -> Found? {
    if hidesDots, name.first == CChar(bitPattern: UInt8(ascii: ".")) {
      return .item(Item(path: path, kind: .hidden, identity: nil))
    }
    guard let own = folder.status(of: name, followingLinks: false),
      let status = own.isLink ? folder.status(of: name, followingLinks: true) : own
    else {
      let error = FileError.failed(.inspect, code: errno)
      return .item(Item(path: path, kind: .unreadable(error), identity: nil))
    }
    if excluded.contains(status.identity) { return nil }
    if own.isFolder { return .folder(path) }
    let kind: Item.Kind =
      status.isFolder ? .folderLink : status.isPlainFile ? .file(isLink: own.isLink) : .special
    return .item(Item(path: path, kind: kind, identity: status.identity))
  }
}
