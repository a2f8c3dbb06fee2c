import RefluxFiles
import Synchronization
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  let folder = TemporaryFolder()
  var path: String { folder.file("a.bin") }
  var partial: String { path + AtomicFile.partialSuffix }

  @Test func appearsAtCommitOnly() throws {
    var file = try AtomicFile(path: path)
    try file.write([UInt8](repeating: 7, count: 100_000).span.bytes)
    #expect(file.count == 100_000)
    #expect(!FileSystem.exists(path: path))
    #expect(FileSystem.exists(path: partial))
    try file.commit()
    #expect(!FileSystem.exists(path: partial))
    #expect(try FileSystem.readFile(path: path) == [UInt8](repeating: 7, count: 100_000))
  }

  @Test func keepsTheOldFileUntilCommit() throws {
    try FileSystem.writeFile(path: path, bytes: [1])
    do {
      var file = try AtomicFile(path: path)
      try file.write([UInt8]([2, 3]).span.bytes)
    }
    #expect(try FileSystem.readFile(path: path) == [1])
    #expect(try FileSystem.readFile(path: partial) == [2, 3])
  }

  @Test func resumeCutsTheRest() throws {
    do {
      var file = try AtomicFile(path: path)
      try file.write([UInt8]([1, 2, 3, 4]).span.bytes)
    }
    var file = try AtomicFile.resume(path: path, count: 2)
    #expect(file.count == 2)
    try file.write([UInt8]([9]).span.bytes)
    try file.commit()
    #expect(try FileSystem.readFile(path: path) == [1, 2, 9])
    #expect(throws: FileError.self) { _ = try AtomicFile.resume(path: path, count: 0) }
  }

  @Test func discardRemovesThePartialFile() throws {
    let file = try AtomicFile(path: path)
    try file.discard()
    #expect(!FileSystem.exists(path: partial))
  }

  @Test func continuesShortAndInterruptedWrites() throws {
    var calls = FileCalls.system
    let turn = Mutex(0)
    calls.write = { descriptor, bytes in
      let now = turn.withLock { value in
        value += 1
        return value
      }
      if now % 3 == 0 { return -4 }  // EINTR
      return FileCalls.system.write(descriptor, bytes.extracting(first: 3))
    }
    let bytes = (0..<100).map { UInt8($0) }
    var file = try AtomicFile(path: path, calls: calls)
    try file.write(bytes.span.bytes)
    try file.commit()
    #expect(try FileSystem.readFile(path: path) == bytes)
  }

  @Test func writeOfNothingIsAnErrorNotALoop() throws {
    var calls = FileCalls.system
    calls.write = { _, _ in 0 }
    var file = try AtomicFile(path: path, calls: calls)
    #expect(throws: FileError.failed(.write, code: 5)) {
      try file.write([UInt8]([1]).span.bytes)
    }
  }

  @Test func fullDiskIsNamed() throws {
    var calls = FileCalls.system
    calls.write = { _, _ in -28 }
    var file = try AtomicFile(path: path, calls: calls)
    do {
      try file.write([UInt8]([1]).span.bytes)
      Issue.record("the write must fail")
    } catch {
      #expect(
        "\(error)" == "cannot write: No space left on device; "
          + "free some space and run the same command again")
    }
  }
}
