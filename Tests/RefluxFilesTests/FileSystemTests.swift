import Foundation
import RefluxFiles
import TestSupport
import Testing

@Suite struct FileSystemTests {
  let folder = TemporaryFolder()

  @Test func mapsAWholeFile() throws {
    let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 * 31) }
    try FileSystem.writeFile(path: folder.file("a"), bytes: bytes)
    let file = try MappedFile(path: folder.file("a"))
    #expect(file.count == bytes.count)
    file.prefetch(4000..<60_000)
    file.prefetch(0..<Int.max)
    #expect(file.bytes.withUnsafeBytes { Array($0) } == bytes)
  }

  /// What a file calls another leads to it from the file's folder, also through links.
  @Test func pathsCountFromAFolder() throws {
    for path in ["a/b/c", "a/d", "e"] {
      try FileSystem.createDirectory(path: folder.file(path))
    }
    #expect(symlink("a/b/c", folder.file("link")) == 0)
    let root = folder.path
    // Paths that count from the root stay as they are.
    #expect(FileSystem.path(root + "/x", seenFrom: root + "/e") == root + "/x")
    #expect(FileSystem.path("/x", from: "y") == "/x" && FileSystem.path("x", from: ".") == "x")
    #expect(FileSystem.path(".", from: "y") == "y" && FileSystem.path("x", from: "y") == "y/x")
    // Any folder of this process will do to see the temporary one from.
    let way = String(repeating: "../", count: 40) + root.dropFirst()
    for (path, from) in [
      ("x", ""), ("x", "/a"), ("a/d", "/a/b/c"), ("x", "/link"), ("a/d/", "/a/d"),
      ("none/x", "/a/d"), ("a/../e", "/a"),
    ] {
      let seen = FileSystem.path(way + "/" + path, seenFrom: root + from)
      #expect(!seen.hasPrefix("/"))
      let found = FileSystem.path(seen, from: root + from)
      if path.contains("none") {
        #expect(seen == "../../none/x")
      } else {
        try FileSystem.createDirectory(path: root + "/" + path)
        #expect(FileSystem.isSame(found, root + "/" + path), "\(path) from \(from): \(seen)")
      }
    }
  }

  @Test func mapsAnEmptyFile() throws {
    try FileSystem.writeFile(path: folder.file("a"), bytes: [])
    let file = try MappedFile(path: folder.file("a"))
    #expect(file.count == 0)
    #expect(file.bytes.byteCount == 0)
  }

  @Test func refusesWhatIsNotAFile() throws {
    #expect(throws: FileError.notAFile) { _ = try MappedFile(path: folder.path) }
    #expect(throws: FileError.notAFile) { _ = try MappedFile(path: "/dev/null") }
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    #expect(throws: FileError.notAFile) { _ = try MappedFile(path: folder.file("pipe")) }
    do {
      _ = try MappedFile(path: folder.file("none"))
      Issue.record("a missing file must not open")
    } catch {
      #expect(error.isMissing)
      #expect("\(error)" == "cannot open: No such file or directory; check the path")
    }
  }

  @Test func readsUpToALimit() throws {
    let bytes = [UInt8](repeating: 1, count: 5000)
    try FileSystem.writeFile(path: folder.file("a"), bytes: bytes)
    #expect(try FileSystem.readFile(path: folder.file("a"), limit: 5000) == bytes)
    #expect(throws: FileError.tooLarge(limit: 4999)) {
      try FileSystem.readFile(path: folder.file("a"), limit: 4999)
    }
    #expect(
      "\(FileError.tooLarge(limit: 100))"
        == "larger than the 100 bytes that are accepted; check that it is the right file")
    #expect(throws: FileError.notAFile) { try FileSystem.readFile(path: folder.path) }
  }

  @Test func listsFilesInTheOrderOfTheirNames() throws {
    try FileSystem.createDirectory(path: folder.file("b/inner"))
    for name in ["c", "a", "B", "b/inner/z", "b/a"] {
      try FileSystem.writeFile(path: folder.file(name), bytes: [])
    }
    // A link back to the root must not be followed.
    #expect(symlink(folder.path, folder.file("b/loop")) == 0)
    #expect(symlink(folder.file("c"), folder.file("d")) == 0)
    let names = try FileSystem.listFiles(path: folder.path).map {
      String($0.dropFirst(folder.path.count + 1))
    }
    #expect(names == ["B", "a", "b/a", "b/inner/z", "c", "d"])
    let flat = try FileSystem.listFiles(path: folder.path, recursive: false)
    #expect(flat.map(FileSystem.name(of:)) == ["B", "a", "c", "d"])
    #expect(throws: FileError.failed(.list, code: ENOENT)) {
      try FileSystem.listFiles(path: folder.file("none"))
    }
  }

  @Test func createsFoldersAndRemoves() throws {
    let path = folder.file("x/y/z")
    try FileSystem.createDirectory(path: path)
    try FileSystem.createDirectory(path: path)
    #expect(FileSystem.isFolder(path: path))
    try FileSystem.remove(path: path)
    #expect(!FileSystem.exists(path: path))
    try FileSystem.writeFile(path: path, bytes: [1, 2])
    #expect(try FileSystem.size(path: path) == 2)
    #expect(throws: FileError.failed(.create, code: EEXIST)) {
      try FileSystem.createDirectory(path: path + "/below")
    }
    try FileSystem.rename(from: path, to: path + "2")
    #expect(try FileSystem.readFile(path: path + "2") == [1, 2])
  }

  @Test func splitsPaths() {
    #expect(FileSystem.folder(of: "a") == ".")
    #expect(FileSystem.folder(of: "/a") == "/")
    #expect(FileSystem.folder(of: "a/b/") == "a")
    #expect(FileSystem.folder(of: "/a/b") == "/a")
    #expect(FileSystem.name(of: "/a/b/") == "b")
    #expect(FileSystem.name(of: "/") == "/")
    #expect(FileSystem.name(of: "b") == "b")
  }
}
