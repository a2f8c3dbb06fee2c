import Foundation
import RefluxFiles
import TestSupport
import Testing

/// Logs: what is kept, what is cut, and every call failing once.
@Suite struct AppendedFileTests {
  let folder = TemporaryFolder()
  var path: String { folder.file("a.log") }

  private func append(
    _ bytes: [UInt8], keeping count: Int, _ calls: FileCalls = .system
  ) throws {
    var file = try AppendedFile(path: path, keeping: count, calls: calls)
    let bytes = bytes
    try file.write(bytes.span.bytes)
    try file.sync()
  }

  @Test func keepsTheFirstBytesAndAddsTheRest() throws {
    try append([1, 2, 3, 4], keeping: 0)
    try append([5], keeping: 4)
    #expect(try FileSystem.readFile(path: path) == [1, 2, 3, 4, 5])
    try append([6, 7], keeping: 2)
    #expect(try FileSystem.readFile(path: path) == [1, 2, 6, 7])
    try append([], keeping: 0)
    #expect(try FileSystem.readFile(path: path) == [])
  }

  @Test func refusesWhatIsNoLongFileOfItsOwn() throws {
    try FileSystem.writeFile(path: path, bytes: [1, 2, 3])
    #expect(throws: FileError.failed(.truncate, code: EINVAL)) { try append([], keeping: 4) }
    let other = folder.file("")
    #expect(throws: FileError.self) { _ = try AppendedFile(path: other, keeping: 0) }
    let first = try AppendedFile(path: path, keeping: 3)
    #expect(throws: FileError.inUse(by: getpid())) { try append([9], keeping: 0) }
    #expect(try FileSystem.readFile(path: path) == [1, 2, 3])
    _ = consume first
    try append([9], keeping: 0)
  }

  @Test(arguments: [false, true])
  func failsAtEveryCallAndTakesNothingMore(tearing: Bool) throws {
    let steps: [FileOperation] = [.open, .truncate, .write, .sync]
    for number in steps.indices {
      try FileSystem.writeFile(path: path, bytes: [1, 2])
      let trace = CallTrace(tearing: tearing) { now, _ in now == number ? ENOSPC : nil }
      let expected = FileError.failed(steps[number], code: ENOSPC)
      #expect(throws: expected) { try append([3, 4], keeping: 2, trace.calls) }
      #expect(trace.all.map(\.operation) == Array(steps[...number]))
      #expect(try FileSystem.readFile(path: path).prefix(2) == [1, 2])
    }
    let trace = CallTrace { now, _ in now == 2 ? EIO : nil }
    var file = try AppendedFile(path: path, keeping: 0, calls: trace.calls)
    let bytes: [UInt8] = [1]
    for _ in 0..<2 {
      do throws(FileError) {
        try file.write(bytes.span.bytes)
        Issue.record("the write went through")
      } catch {
        #expect(error == .failed(.write, code: EIO))
      }
    }
    do throws(FileError) { try file.sync() } catch {
      #expect(error == .failed(.write, code: EIO))
    }
    #expect(trace.all.count == 3)
  }
}
