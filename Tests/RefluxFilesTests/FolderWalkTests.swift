import Foundation
import RefluxFiles
import TestSupport
import Testing

/// Folders of any names, depth and kinds of thing.
@Suite struct FolderWalkTests {
  let folder = TemporaryFolder(isSmall: true)

  private func make(_ name: String) throws {
    let path = folder.file(name)
    try FileSystem.createDirectory(path: FileSystem.folder(of: path))
    try FileSystem.writeFile(path: path, bytes: Array(name.utf8))
  }

  private func items(
    excluding excluded: [String] = [], hidesDots: Bool = false
  ) -> [(name: String, kind: FolderWalk.Item.Kind)] {
    var found: [(String, FolderWalk.Item.Kind)] = []
    let identities = Set(excluded.compactMap { FileIdentity(path: folder.file($0)) })
    FolderWalk(SystemPath(folder.path), excluding: identities, hidesDots: hidesDots).visit {
      found.append((String("\($0.path)".dropFirst(folder.path.count + 1)), $0.kind))
    }
    return found
  }

  @Test func goesInTheOrderOfNames() throws {
    for name in ["b", "a/z", "a/b/c", "a.txt", "B", "a-"] { try make(name) }
    #expect(items().map(\.name) == ["B", "a/b/c", "a/z", "a-", "a.txt", "b"])
    #expect(items().allSatisfy { $0.kind == .file(isLink: false) })
    #expect(items(excluding: ["a"]).map(\.name) == ["B", "a-", "a.txt", "b"])
    #expect(items(excluding: ["a/z", "b"]).count == 4)
  }

  @Test func namesEverythingThatIsThere() throws {
    try make("file")
    try make("sub/x")
    try make(".git/config")
    for (name, target) in [
      ("to-file", "file"), ("to-sub", "sub"), ("lost", "nowhere"), ("loop", "loop"),
    ] { symlink(target, folder.file(name)) }
    mkfifo(folder.file("pipe"), 0o600)
    let found = Dictionary(uniqueKeysWithValues: items(hidesDots: true).map { ($0.name, $0.kind) })
    #expect(
      found == [
        "file": .file(isLink: false), "sub/x": .file(isLink: false), ".git": .hidden,
        "to-file": .file(isLink: true), "to-sub": .folderLink, "pipe": .special,
        "lost": .unreadable(.failed(.inspect, code: ENOENT)),
        "loop": .unreadable(.failed(.inspect, code: ELOOP)),
      ])
    #expect(items().contains { $0.name == ".git/config" })
  }

  @Test func aFolderThatIsNotThereIsAnItem() {
    var kinds: [FolderWalk.Item.Kind] = []
    FolderWalk(SystemPath(folder.file("none"))).visit { kinds.append($0.kind) }
    #expect(kinds == [.unreadable(.failed(.open, code: ENOENT))])
  }

  @Test func takesNamesAsBytes() throws {
    let name: [UInt8] = Array((folder.path + "/caf").utf8) + [0xE9, 0xFF, 0]
    let descriptor = name.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_CREAT | O_WRONLY, 0o600) }
    }
    #expect(descriptor >= 0)
    #expect(write(descriptor, "text", 4) == 4)
    close(descriptor)
    var paths: [SystemPath] = []
    FolderWalk(SystemPath(folder.path)).visit { paths.append($0.path) }
    let path = try #require(paths.first)
    #expect("\(path)" == folder.path + "/caf\\xe9\\xff")
    let file = try MappedFile(at: path)
    #expect(file.count == 4)
    try file.checkUnchanged()
    try file.checkWhole()
  }

  @Test func reachesBelowThePathsThatCallsTake() throws {
    let part = String(repeating: "d", count: 200)
    var folder = open(folder.path, O_RDONLY | O_DIRECTORY)
    for _ in 0..<45 {
      #expect(mkdirat(folder, part, 0o700) == 0)
      let next = openat(folder, part, O_RDONLY | O_DIRECTORY)
      close(folder)
      folder = next
    }
    let file = openat(folder, "deep.txt", O_CREAT | O_WRONLY, 0o600)
    #expect(write(file, "text", 4) == 4)
    close(file)
    close(folder)
    var paths: [SystemPath] = []
    FolderWalk(SystemPath(self.folder.path)).visit { paths.append($0.path) }
    let path = try #require(paths.first)
    #expect(paths.count == 1 && "\(path)".utf8.count > 9000)
    let mapped = try MappedFile(at: path)
    #expect(mapped.count == 4)
    try mapped.checkUnchanged()
    try mapped.checkWhole()
    let remove = Process()
    remove.executableURL = URL(fileURLWithPath: "/bin/rm")
    remove.arguments = ["-rf", self.folder.file(part)]
    try remove.run()
    remove.waitUntilExit()
    #expect(throws: FileError.gone) { try mapped.checkUnchanged() }
  }
}
