import Foundation
import RefluxFiles
import TestSupport
import Testing

/// The gate for outputs, and what the writers themselves refuse.
@Suite struct OutputGateTests {
  let folder = TemporaryFolder(isSmall: true)
  private static let page = OutputKind("a page", replacesOwn: true, startingWith: [60])
  private static let store = OutputKind("a store", startingWith: [137, 82])

  private func write(_ name: String, _ bytes: [UInt8] = [1]) throws {
    let path = folder.file(name)
    try FileSystem.createDirectory(path: FileSystem.folder(of: path))
    try FileSystem.writeFile(path: path, bytes: bytes)
  }

  private func reason(
    _ output: String, _ kind: OutputKind = store, reading inputs: String...,
    replaces: Bool = false
  ) -> OutputError.Reason? {
    let gate = OutputGate(reading: inputs.map(folder.file), replaces: replaces)
    do throws(OutputError) {
      try gate.check(file: output.isEmpty ? "" : folder.file(output), as: kind)
      return nil
    } catch { return error.reason }
  }

  @Test func findsInputsByWhatTheyAre() throws {
    try write("in/deep/a.rfx")
    try write("b.rfx")
    symlink("in/deep/a.rfx", folder.file("link.rfx"))
    symlink("in", folder.file("door"))
    link(folder.file("in/deep/a.rfx"), folder.file("second.rfx"))
    for output in ["in/deep/a.rfx", "link.rfx", "door/deep/a.rfx", "second.rfx", "in/../link.rfx"] {
      for input in ["in/deep/a.rfx", "in", "door", "link.rfx", "second.rfx"] {
        for replaces in [false, true] {
          let found = reason(output, reading: "b.rfx", input, replaces: replaces)
          #expect(found == .isRead(output: folder.file(output)), "\(output) over \(input)")
        }
      }
    }
    #expect(reason("in/new.rfx", reading: "in") == nil, "nothing is read there")
  }

  @Test func kindsThatReadersPassOverMayBeReplacedInFolders() throws {
    try write("in/s", [137, 82])
    try write("in/t", [65])
    try write("in/s.partial", [137])
    let passed = OutputKind("a store", isReadInFolders: false) { $0[0] == 137 }
    #expect(reason("in/s", passed, reading: "in", replaces: true) == nil)
    for (output, input) in [("in/t", "in"), ("in/s", "in/s"), ("in/s", "in/s.partial")] {
      #expect(
        reason(output, passed, reading: input, replaces: true)
          == .isRead(output: folder.file(output)))
    }
  }

  @Test func thePartialFileOfAnInputIsAnInput() throws {
    try write("a.rfx.partial")
    #expect(reason("a.rfx", reading: "a.rfx.partial") == .isRead(output: folder.file("a.rfx")))
    #expect(reason("a.rfx", reading: ".") == .isRead(output: folder.file("a.rfx")))
  }

  @Test func replacesNothingUnasked() throws {
    try write("a", [1, 2])
    try write("s", [137, 82, 3])
    try write("p", [60, 33])
    try write("empty", [])
    #expect(reason("a") == .exists(kind: "a store", isOwn: false))
    #expect(reason("s") == .exists(kind: "a store", isOwn: true))
    #expect(reason("a", Self.page) == .exists(kind: "a page", isOwn: false))
    #expect(reason("p", Self.page) == nil)
    #expect(reason("empty") == nil)
    #expect(reason("new") == nil)
    for name in ["a", "s"] { #expect(reason(name, replaces: true) == nil) }
  }

  @Test func goesOnWithItsOwnPartialFilesAlone() throws {
    try write("s.partial", [137, 82, 3])
    try write("short.partial", [137])
    try write("a.partial", [1, 2])
    #expect(reason("s") == nil)
    #expect(reason("short") == nil)
    #expect(reason("a") == .foreignPartial)
    #expect(reason("a", replaces: true) == nil)
    let strict = OutputKind("a store", takesPartial: false) { _ in true }
    #expect(reason("s", strict) == .foreignPartial)
  }

  @Test func takesPlainFilesAlone() throws {
    try write("a", [60])
    try write("sub/x")
    mkfifo(folder.file("pipe"), 0o600)
    symlink("a", folder.file("link"))
    symlink("nowhere", folder.file("lost"))
    symlink("pipe", folder.file("to-pipe"))
    symlink("sub", folder.file("to-sub"))
    for replaces in [false, true] {
      func reason(_ name: String) -> OutputError.Reason? {
        self.reason(name, Self.page, replaces: replaces)
      }
      #expect(reason("") == .noName)
      #expect(reason("sub") == .folder)
      #expect(reason("to-sub") == .folder)
      #expect(reason("new/") == .folder)
      #expect(reason("pipe") == .notAFile)
      #expect(reason("to-pipe") == .notAFile)
      #expect(reason("link") == .link(target: "a"))
      #expect(reason("lost") == .link(target: "nowhere"))
      #expect(reason("none/a") == .noFolder(folder.file("none")))
      #expect(reason("a/b") == .noFolder(folder.file("a")))
    }
    let gate = OutputGate(reading: [])
    #expect(throws: OutputError("-", .stream(kind: "a page"))) {
      try gate.check(file: "-", as: Self.page)
    }
  }

  @Test func looksIntoFolders() throws {
    try write("run/config.json", [1])
    try write("model/config.json", [1])
    try write("file")
    symlink("nowhere", folder.file("lost"))
    func reason(
      _ output: String, reading inputs: String..., replaces: Bool = false
    ) -> OutputError.Reason? {
      let gate = OutputGate(reading: inputs.map(folder.file), replaces: replaces)
      do throws(OutputError) {
        try gate.check(
          folder: output.isEmpty ? "" : folder.file(output), files: [("config.json", Self.store)])
        return nil
      } catch { return error.reason }
    }
    #expect(reason("new") == nil)
    #expect(reason("new/deeper") == nil)
    #expect(reason("") == .noName)
    #expect(reason("file") == .notAFolder)
    #expect(reason("lost") == .link(target: "nowhere"))
    #expect(reason("run") == .exists(kind: "a store", isOwn: false))
    #expect(reason("run", replaces: true) == nil)
    for input in ["model", "model/config.json"] {
      guard case .isRead = reason("model", reading: input, replaces: true) else {
        Issue.record("\(input) would be overwritten")
        continue
      }
    }
  }

  // MARK: The writers themselves

  @Test func writersReplacePlainFilesAlone() throws {
    mkfifo(folder.file("pipe"), 0o600)
    symlink("a", folder.file("link"))
    try write("a", [7])
    let writing = { (name: String) in
      try FileSystem.writeFile(path: folder.file(name), bytes: [8])
    }
    #expect(throws: FileError.notAFile) { try writing("pipe") }
    #expect(throws: FileError.isLink) { try writing("link") }
    #expect(throws: FileError.notAFile) { try FileSystem.remove(path: folder.file("pipe")) }
    #expect(try FileSystem.names(in: folder.path) == ["a", "link", "pipe"])
    // Something that comes in the way while the file is being written.
    var refused: FileError?
    do throws(FileError) {
      let late = try AtomicFile(path: folder.file("late"))
      mkfifo(folder.file("late"), 0o600)
      try late.commit()
    } catch { refused = error }
    #expect(refused == .notAFile)
    var status = stat()
    #expect(lstat(folder.file("late"), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func writersFollowNoLinksAndChangeNoSecondName() throws {
    try write("precious", [7])
    symlink("precious", folder.file("x.partial"))
    link(folder.file("precious"), folder.file("y.partial"))
    link(folder.file("precious"), folder.file("z"))
    #expect(throws: FileError.isLink) { _ = try AtomicFile(path: folder.file("x")) }
    #expect(throws: FileError.isLink) {
      _ = try AtomicFile.resume(path: folder.file("x"), count: 0)
    }
    #expect(throws: FileError.hasOtherNames) { _ = try AtomicFile(path: folder.file("y")) }
    #expect(throws: FileError.isLink) {
      _ = try AppendedFile(path: folder.file("x.partial"), keeping: 0)
    }
    #expect(throws: FileError.hasOtherNames) {
      _ = try AppendedFile(path: folder.file("z"), keeping: 0)
    }
    #expect(try FileSystem.readFile(path: folder.file("precious")) == [7])
    // A name is replaced, not what other names lead to.
    try FileSystem.writeFile(path: folder.file("z"), bytes: [8])
    #expect(try FileSystem.readFile(path: folder.file("precious")) == [7])
  }
}
