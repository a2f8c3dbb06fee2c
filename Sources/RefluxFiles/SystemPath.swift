#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A path as the system has it: bytes, which need not be UTF-8, and more of them than one call
/// takes.
public struct SystemPath: Hashable, Sendable, CustomStringConvertible {
  /// With a zero at the end.
  let characters: [CChar]

  /// The path of a text.
  public init(_ text: String) { characters = Array(text.utf8CString) }

  private init(characters: [CChar]) { self.characters = characters }

  /// The path of a name in this folder.
  func appending(_ name: [CChar]) -> SystemPath {
    let slash = CChar(bitPattern: UInt8(ascii: "/"))
    let folder = characters.dropLast()
    return SystemPath(characters: folder + (folder.last == slash ? [] : [slash]) + name)
  }

  /// The path as text; bytes that are no UTF-8 as `\xNN`.
  public var description: String {
    let bytes = characters.dropLast().map { UInt8(bitPattern: $0) }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(decoding: bytes.flatMap(Self.shown), as: UTF8.self)
  }

  private static func shown(_ byte: UInt8) -> [UInt8] {
    if byte < 0x80 { return [byte] }
    return Array("\\x\(String(byte, radix: 16))".utf8)
  }

  // MARK: Opening

  /// The most characters that a call takes, the zero included.
  private static let callLimit = 4096

  /// Opens the file, a part of the path after the other where it is too long for one call.
  func open(flags: Int32) throws(FileError) -> FileHandle {
    let (folder, rest) = try last()
    return try FileHandle(
      characters: rest, flags: flags, in: folder?.handle.descriptor ?? AT_FDCWD)
  }

  /// What the path leads to, or what it is itself, be it a link; nil with `errno` set.
  func status(followingLinks: Bool = true) -> stat? {
    guard let (folder, rest) = try? last() else {
      errno = ENAMETOOLONG
      return nil
    }
    var status = stat()
    let flags = followingLinks ? 0 : AT_SYMLINK_NOFOLLOW
    let descriptor = folder?.handle.descriptor ?? AT_FDCWD
    return unsafe fstatat(descriptor, rest, &status, flags) == 0 ? status : nil
  }

  /// A folder on the way that is open, and the rest of the path in it.
  private func last() throws(FileError) -> (folder: OpenFolder?, rest: [CChar]) {
    var (folder, rest) = (OpenFolder?.none, characters)
    while rest.count > Self.callLimit {
      let slash = CChar(bitPattern: UInt8(ascii: "/"))
      guard let cut = rest[..<Self.callLimit].dropLast().lastIndex(of: slash), cut > 0 else {
        throw .failed(.open, code: ENAMETOOLONG)
      }
      let next = try FileHandle(
        characters: rest[..<cut] + [0], flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK,
        in: folder?.handle.descriptor ?? AT_FDCWD)
      folder = OpenFolder(next)
      rest = Array(rest[(cut + 1)...])
    }
    return (folder, rest)
  }
}

/// Keeps a folder open.
private final class OpenFolder {
  let handle: FileHandle
  init(_ handle: consuming FileHandle) { self.handle = handle }
}
