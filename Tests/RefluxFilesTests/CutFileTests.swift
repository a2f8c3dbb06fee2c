import Dispatch
import Foundation
import RefluxFiles
import Synchronization
import TestSupport
import Testing

/// Mapped files that are shortened by others.
@Suite struct CutFileTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("a") }
  static let page = Int(getpagesize())

  private func make(pages: Int, name: String = "a") throws -> MappedFile {
    let bytes = [UInt8](repeating: 7, count: pages * Self.page)
    return try MappedFile(path: folder.write(bytes, to: name))
  }

  private func bytes(_ file: MappedFile) -> [UInt8] {
    file.bytes.withUnsafeBytes { Array($0) }
  }

  @Test func anotherProcessEmptiesTheFile() throws {
    let file = try make(pages: 10)
    #expect(bytes(file).allSatisfy { $0 == 7 })
    #expect(!file.isCut)
    try file.checkWhole()
    #expect(try RunResult.run(["sh", "-c", ": > \"$1\"", "sh", path]).status == 0)
    #expect(!file.isCut, "nothing of it was touched")
    #expect(throws: FileError.cut) { try file.checkWhole() }
    #expect(bytes(file) == [UInt8](repeating: 0, count: 10 * Self.page))
    #expect(file.isCut)
    #expect(throws: FileError.cut) { try file.checkWhole() }
    #expect(
      "\(FileError.cut)" == "another process shortened the file while it was being read; wait for "
        + "it to end and run the same command again")
  }

  /// Everything before the new end is the file's, everything behind it is zero, and the size tells
  /// of an end within the last page, for which there is no signal.
  @Test func everyLength() throws {
    for length in stride(from: 0, through: 3 * Self.page, by: 512) {
      let file = try make(pages: 3)
      #expect(truncate(path, off_t(length)) == 0)
      let found = bytes(file)
      #expect(found[..<length].allSatisfy { $0 == 7 })
      #expect(found[length...].allSatisfy { $0 == 0 })
      #expect(file.isCut == (length <= 2 * Self.page), "\(length)")
      if length == file.count {
        try file.checkWhole()
      } else {
        #expect(throws: FileError.cut) { try file.checkWhole() }
      }
    }
  }

  @Test func readsBackwardsToo() throws {
    let file = try make(pages: 8)
    #expect(truncate(path, off_t(2 * Self.page)) == 0)
    file.bytes.withUnsafeBytes { bytes in
      for index in bytes.indices.reversed() {
        #expect(bytes[index] == (index < 2 * Self.page ? 7 : 0))
      }
    }
    #expect(file.isCut)
  }

  @Test func threadsFaultAtOnce() throws {
    for round in 0..<50 {
      let file = try make(pages: 64)
      let unexplained = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: 5) { worker in
        if worker == 0 { truncate(path, off_t(round * Self.page)) }
        file.bytes.withUnsafeBytes { bytes in
          for index in stride(from: 0, to: bytes.count, by: 512) where bytes[index] == 0 {
            if !file.isCut { unexplained.add(1, ordering: .relaxed) }
          }
        }
      }
      #expect(unexplained.load(ordering: .relaxed) == 0)
      #expect(bytes(file)[(round * Self.page)...].allSatisfy { $0 == 0 })
      #expect(file.isCut)
    }
  }

  @Test func manyFilesComeAndGoWhileSomeAreCut() throws {
    let wrong = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for round in 0..<200 {
        let name = "\(worker)"
        guard let file = try? make(pages: 1 + round % 5, name: name) else {
          wrong.add(1, ordering: .relaxed)
          continue
        }
        let cuts = round % 3 == 0
        if cuts { truncate(folder.file(name), 0) }
        let isRight = bytes(file).allSatisfy { $0 == (cuts ? 0 : 7) } && file.isCut == cuts
        if !isRight { wrong.add(1, ordering: .relaxed) }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  /// More than there may be open files, and all of them are watched.
  @Test func thousandsOfFilesAtOnce() throws {
    let first = try make(pages: 2)
    let files = [first] + (try (1..<5000).map { _ in try MappedFile(path: path) })
    #expect(truncate(path, 0) == 0)
    for file in [files[0], files[2500], files[4999]] {
      #expect(bytes(file).allSatisfy { $0 == 0 })
    }
    #expect(files.count { $0.isCut } == 3)
  }

  @Test func aReplacedFileIsWhole() throws {
    let file = try make(pages: 2)
    try FileSystem.writeFile(path: path, bytes: [1])
    #expect(bytes(file).allSatisfy { $0 == 7 })
    try file.checkWhole()
    try FileSystem.remove(path: path)
    try file.checkWhole()
    #expect(try MappedFile(path: folder.write([], to: "a")).isCut == false)
  }

  @Test func aFileThatGrewAgainIsCut() throws {
    let file = try make(pages: 3)
    #expect(truncate(path, 0) == 0)
    #expect(file.bytes.withUnsafeBytes { $0[Self.page] } == 0)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.write(contentsOf: Data(repeating: 8, count: file.count))
    // What was missing once stays missing, whether it was touched or not.
    let found = bytes(file)
    #expect(found[..<Self.page].allSatisfy { $0 == 8 })
    #expect(found[Self.page...].allSatisfy { $0 == 0 })
    #expect(throws: FileError.cut) { try file.checkWhole() }
    try FileSystem.remove(path: path)
    #expect(throws: FileError.cut) { try file.checkWhole() }
  }

  /// A page that the medium does not give comes with the same signal; reading it tells.
  @Test func aFailingMediumIsNamed() throws {
    let file = try make(pages: 4)
    #expect(truncate(path, off_t(Self.page)) == 0)
    #expect(bytes(file).last == 0)
    #expect(truncate(path, off_t(file.count)) == 0)
    var answers = [-Int(EIO), -Int(EINTR)]
    #expect(throws: FileError.failed(.read, code: EIO)) {
      try file.checkWhole { _, offset in
        #expect(offset == Self.page)
        return answers.removeLast()
      }
    }
    #expect(answers == [])
  }

  @Test func systemCallsFailInstead() throws {
    let file = try make(pages: 2)
    #expect(truncate(path, 0) == 0)
    var output = try AtomicFile(path: folder.file("b"))
    do {
      try output.write(file.bytes)
      Issue.record("the bytes are not there")
    } catch {
      #expect(
        "\(error)" == "cannot write: Bad address; the file that it comes from was shortened "
          + "meanwhile")
    }
  }
}
