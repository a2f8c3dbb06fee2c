import Foundation
import RefluxFiles
import TestSupport
import Testing

/// One writer at a time, in this process and in others.
@Suite struct SecondWriterTests {
  let folder = TemporaryFolder()
  var path: String { folder.file("a.bin") }
  var partial: String { path + AtomicFile.partialSuffix }

  @Test func theSameProcessIsNamed() throws {
    var first = try AtomicFile(path: path)
    try first.write([UInt8]([5]).span.bytes)
    for _ in 0..<2 {
      #expect(throws: FileError.inUse(by: getpid())) { _ = try AtomicFile(path: path) }
      #expect(throws: FileError.inUse(by: getpid())) {
        _ = try AtomicFile.resume(path: path, count: 0)
      }
    }
    #expect(throws: FileError.inUse(by: getpid())) {
      try FileSystem.writeFile(path: path, bytes: [6])
    }
    try first.commit()
    #expect(try FileSystem.readFile(path: path) == [5])
    try FileSystem.writeFile(path: path, bytes: [6])
  }

  @Test func theErrorSaysWho() {
    #expect(
      "\(FileError.inUse(by: 123))" == "process 123 is writing this file; wait for it to end")
    #expect(
      "\(FileError.inUse(by: nil))"
        == "another process is writing this file; wait for it to end")
  }

  @Test func anotherProcessIsRefusedWithTheName() async throws {
    var first = try AtomicFile(path: path)
    try first.write([UInt8]([5]).span.bytes)
    // A refused writer of the same process must not take the name away.
    #expect(throws: FileError.inUse(by: getpid())) { _ = try AtomicFile(path: path) }
    for _ in 0..<2 {
      await #expect(processExitsWith: .exitCode(7)) {
        [path = path as String, parent = getpid() as Int32] in
        do {
          _ = try AtomicFile(path: path)
        } catch FileError.inUse(by: parent) {
          exit(7)
        }
      }
    }
    await #expect(processExitsWith: .exitCode(7)) {
      [path = path as String, parent = getpid() as Int32] in
      do {
        _ = try AtomicFile.resume(path: path, count: 0)
      } catch FileError.inUse(by: parent) {
        exit(7)
      }
    }
    #expect(try FileSystem.readFile(path: partial) == [5])
    try first.commit()
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
      try AtomicFile(path: path).commit()
      exit(7)
    }
    #expect(try FileSystem.readFile(path: path) == [])
  }

  /// Closing any descriptor of the file drops a process's record lock, not the writer's.
  @Test func readersDoNotOpenTheDoor() async throws {
    var first = try AtomicFile(path: path)
    try first.write([UInt8]([5]).span.bytes)
    do {
      let map = try MappedFile(path: partial)
      #expect(map.bytes.withUnsafeBytes { Array($0) } == [5])
    }
    #expect(try FileSystem.readFile(path: partial) == [5])
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
      do {
        _ = try AtomicFile(path: path)
      } catch FileError.inUse {
        exit(7)
      }
    }
    #expect(throws: FileError.inUse(by: getpid())) { _ = try AtomicFile(path: path) }
    try first.write([UInt8]([6]).span.bytes)
    try first.commit()
    #expect(try FileSystem.readFile(path: path) == [5, 6])
  }

  @Test func aWriterThatDiesLeavesNoLock() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      var file = try AtomicFile(path: path)
      try file.write([UInt8]([1, 2]).span.bytes)
      kill(getpid(), SIGKILL)
    }
    let file = try AtomicFile.resume(path: path, count: 2)
    try file.commit()
    #expect(try FileSystem.readFile(path: path) == [1, 2])
  }

  /// Whoever throws away its partial file leaves the one of the next writer alone.
  @Test func discardRemovesNothingOfOthers() throws {
    let first = try AtomicFile(path: path)
    try FileSystem.remove(path: partial)
    let second = try AtomicFile(path: path)
    try first.discard()
    #expect(FileSystem.exists(path: partial))
    try second.discard()
    #expect(!FileSystem.exists(path: partial))
  }
}
