import Foundation
import RefluxFiles
import TestSupport
import Testing

/// Every system call of an atomic file fails once, in every way.
@Suite struct AtomicFileFaultTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("a.bin") }
  var partial: String { path + AtomicFile.partialSuffix }

  static let old: [UInt8] = [1, 2, 3]
  static let parts = [[UInt8](repeating: 5, count: 100), [6], [UInt8](repeating: 7, count: 50)]
  static let new = parts.flatMap { $0 }
  /// What a whole run calls.
  static let steps: [FileOperation] = [
    .open, .truncate, .write, .write, .sync, .write, .open, .sync, .rename, .sync,
  ]

  private func writeAll(_ calls: FileCalls) throws {
    var file = try AtomicFile(path: path, calls: calls)
    let (first, second, third) = (Self.parts[0], Self.parts[1], Self.parts[2])
    try file.write(first.span.bytes)
    try file.write(second.span.bytes)
    try file.sync()
    try file.write(third.span.bytes)
    try file.commit()
  }

  private func start() throws {
    try? FileSystem.remove(path: partial)
    try FileSystem.writeFile(path: path, bytes: Self.old)
  }

  @Test func theStepsAreThese() throws {
    let trace = CallTrace()
    try start()
    try writeAll(trace.calls)
    #expect(trace.all.map(\.operation) == Self.steps)
    #expect(try FileSystem.readFile(path: path) == Self.new)
    let writes = Set(trace.all.filter { $0.operation == .write }.map(\.descriptor))
    let syncs = trace.all.filter { $0.operation == .sync }.map(\.descriptor)
    #expect(writes.count == 1 && writes == [syncs[0]] && syncs[0] == syncs[1])
    #expect(syncs[2] != syncs[0], "the last one is the folder's")
  }

  @Test(arguments: [ENOSPC, EIO, EDQUOT, EROFS], [true, false])
  func failsAtEveryCall(code: Int32, tearing: Bool) throws {
    for number in Self.steps.indices {
      try start()
      let trace = CallTrace(tearing: tearing) { now, _ in now == number ? code : nil }
      #expect(throws: FileError.failed(Self.steps[number], code: code)) {
        try writeAll(trace.calls)
      }
      // Nothing is called after a failure, so a failed flush is not tried again either.
      #expect(trace.all.map(\.operation) == Array(Self.steps[...number]))
      try checkRemains(number, tearing: tearing)
      // The lock is free, and the next run puts everything right.
      try writeAll(.system)
      #expect(try FileSystem.readFile(path: path) == Self.new)
      #expect(!FileSystem.exists(path: partial))
    }
  }

  /// The old file stands and the partial one holds what was written; but for the last call.
  private func checkRemains(_ number: Int, tearing: Bool) throws {
    if number == Self.steps.count - 1 {
      #expect(try FileSystem.readFile(path: path) == Self.new)
      #expect(!FileSystem.exists(path: partial))
      return
    }
    #expect(try FileSystem.readFile(path: path) == Self.old)
    #expect(FileSystem.exists(path: partial) == (number > 0))
    if number == 0 { return }
    let written = Self.steps[..<number].count { $0 == .write }
    var expected = Self.parts[..<written].flatMap { $0 }
    if tearing, Self.steps[number] == .write {
      expected += Self.parts[written].prefix(Self.parts[written].count / 2)
    }
    #expect(try FileSystem.readFile(path: partial) == expected)
    let file = try AtomicFile.resume(path: path, count: expected.count)
    #expect(file.count == expected.count)
  }

  @Test func interruptedCallsGoOn() throws {
    for number in Self.steps.indices {
      try start()
      let trace = CallTrace { now, _ in (number..<number + 3).contains(now) ? EINTR : nil }
      try writeAll(trace.calls)
      let again = [FileOperation](repeating: Self.steps[number], count: 3)
      #expect(
        trace.all.map(\.operation) == Self.steps[..<number] + again + Self.steps[number...])
      #expect(try FileSystem.readFile(path: path) == Self.new)
      #expect(!FileSystem.exists(path: partial))
    }
  }

  @Test(arguments: [1, 2, 3, 99]) func shortWritesGoOn(most: Int) throws {
    try start()
    var calls = FileCalls.system
    calls.write = { descriptor, bytes in
      FileCalls.system.write(descriptor, bytes.extracting(first: min(most, bytes.byteCount)))
    }
    try writeAll(calls)
    #expect(try FileSystem.readFile(path: path) == Self.new)
  }

  /// Flushing again would succeed without what the system has dropped.
  @Test(arguments: [FileOperation.sync, .write])
  func aFailedFileTakesNothingMore(operation: FileOperation) throws {
    try start()
    let trace = CallTrace { _, now in now == operation ? EIO : nil }
    var file = try AtomicFile(path: path, calls: trace.calls)
    let expected = FileError.failed(operation, code: EIO)
    if operation == .write {
      #expect(throws: expected) { try file.write(Self.new.span.bytes) }
    } else {
      try file.write(Self.new.span.bytes)
      #expect(throws: expected) { try file.sync() }
    }
    let made = trace.all.count
    #expect(throws: expected) { try file.sync() }
    #expect(throws: expected) { try file.write(Self.new.span.bytes) }
    do {
      try file.commit()
      Issue.record("what was lost must not get the name")
    } catch {
      #expect(error == expected)
    }
    #expect(
      trace.all.dropFirst(made).count { $0.descriptor != nil || $0.operation == .rename } == 0)
    #expect(try FileSystem.readFile(path: path) == Self.old)
    #expect(FileSystem.exists(path: partial))
  }

  @Test(arguments: [ENOSPC, EIO]) func resumingFailsAtEveryCall(code: Int32) throws {
    try start()
    try folder.write([9, 9, 9], to: "a.bin" + AtomicFile.partialSuffix)
    for (number, operation) in [FileOperation.open, .truncate].enumerated() {
      let trace = CallTrace { now, _ in now == number ? code : nil }
      #expect(throws: FileError.failed(operation, code: code)) {
        _ = try AtomicFile.resume(path: path, count: 1, calls: trace.calls)
      }
      #expect(try FileSystem.readFile(path: partial) == [9, 9, 9])
    }
    #expect(throws: FileError.failed(.truncate, code: EINVAL)) {
      _ = try AtomicFile.resume(path: path, count: 4)
    }
    #expect(try FileSystem.readFile(path: partial) == [9, 9, 9])
    #expect(try FileSystem.readFile(path: path) == Self.old)
  }

  /// A file system that cannot flush folders is none the worse for it.
  @Test func foldersThatCannotBeFlushed() throws {
    let trace = CallTrace { now, _ in now == Self.steps.count - 1 ? EINVAL : nil }
    try writeAll(trace.calls)
    #expect(try FileSystem.readFile(path: path) == Self.new)
  }

  /// Whole files leave no partial file behind, whatever fails.
  @Test(arguments: [ENOSPC, EIO]) func wholeFilesFailAtEveryCall(code: Int32) throws {
    let steps: [FileOperation] = [.open, .truncate, .write, .open, .sync, .rename, .sync]
    for (number, operation) in steps.enumerated() {
      try start()
      let trace = CallTrace(tearing: true) { now, _ in now == number ? code : nil }
      #expect(throws: FileError.failed(operation, code: code)) {
        try FileSystem.writeFile(path: path, bytes: Self.new, calls: trace.calls)
      }
      #expect(trace.all.map(\.operation) == Array(steps[...number]))
      let expected = number == steps.count - 1 ? Self.new : Self.old
      #expect(try FileSystem.readFile(path: path) == expected)
      // What cannot be opened or cut was not this call's to remove.
      #expect(FileSystem.exists(path: partial) == (number == 1))
    }
  }
}
