import Foundation
import RefluxFiles
import RefluxStorage
import RefluxTargets
import Synchronization
import TestSupport
import Testing

/// Writers whose system calls fail, and what is left of their work.
@Suite struct WriterFaultTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("s.rfx") }
  var partial: String { path + ".partial" }

  static let perBlock = 14
  static let count = 97
  /// Opening, truncate, header, 7 blocks, index with trailer, opening the folder, sync, rename,
  /// sync of the folder.
  static let callCount = 15

  /// System calls of which the n-th fails with `code`, as do all later ones.
  static func failing(at number: Int, code: Int32, tearing: Bool) -> FileCalls {
    let turn = Mutex(0)
    let next: @Sendable () -> Bool = {
      turn.withLock { value in
        value += 1
        return value > number
      }
    }
    var calls = FileCalls.system
    calls.open = { next() ? -code : FileCalls.system.open($0, $1) }
    calls.write = { descriptor, bytes in
      guard next() else { return FileCalls.system.write(descriptor, bytes) }
      // A full disk may take a part first.
      if tearing, bytes.byteCount > 8 {
        _ = FileCalls.system.write(descriptor, bytes.extracting(first: bytes.byteCount / 2))
      }
      return -Int(code)
    }
    calls.sync = { next() ? -code : FileCalls.system.sync($0) }
    calls.rename = { next() ? -code : FileCalls.system.rename($0, $1) }
    calls.truncate = { next() ? -code : FileCalls.system.truncate($0, $1) }
    return calls
  }

  private func begin(_ subject: WriterSubject, _ calls: FileCalls) throws -> SubjectWriter {
    try subject.begin(path, perBlock: Self.perBlock, calls: calls)
  }

  private func resume(_ subject: WriterSubject) throws -> SubjectWriter {
    try subject.resume(path, perBlock: Self.perBlock)
  }

  /// Fails at every single system call in turn: the store is there whole, or what was written
  /// before is recovered and gone on with.
  @Test(arguments: WriterSubject.allCases, [true, false])
  func fullDiskAtEveryCall(subject: WriterSubject, tearing: Bool) throws {
    var sealed = false
    var number = 0
    while !sealed {
      try? FileSystem.remove(path: path)
      try? FileSystem.remove(path: partial)
      var taken = 0
      do {
        let writer = try begin(
          subject, Self.failing(at: number, code: ENOSPC, tearing: tearing))
        defer { taken = writer.position }
        try writer.append(to: Self.count)
        _ = try writer.seal()
        sealed = true
      } catch {
        guard case StoreError.file(.failed(_, ENOSPC)) = error else { throw error }
        #expect("\(error)".contains("No space left on device; free some space"))
      }
      try checkRemains(subject, number, taken: taken, sealed: sealed)
      number += 1
    }
    #expect(number == Self.callCount + 1)
  }

  private func checkRemains(
    _ subject: WriterSubject, _ number: Int, taken: Int, sealed: Bool
  ) throws {
    if FileSystem.exists(path: path) {
      // Only the last flush, of the folder, can fail after the rename.
      #expect(sealed || number == Self.callCount - 1)
      return try subject.check(path, records: Self.count)
    }
    #expect(!sealed)
    if number >= 3 {
      let output = folder.file("saved.rfx")
      let recovery = try StoreRecovery.recover(path: partial, output: output)
      #expect(recovery.recordsRecovered >= taken / Self.perBlock * Self.perBlock)
      try subject.check(output, records: recovery.recordsRecovered)
    }
    let writer = try resume(subject)
    #expect(writer.recordCount >= taken / Self.perBlock * Self.perBlock)
    try writer.append(to: Self.count)
    _ = try writer.seal()
    try subject.check(path, records: Self.count)
  }

  @Test(arguments: WriterSubject.allCases)
  func failedWriterTakesNothingMore(subject: WriterSubject) throws {
    let writer = try begin(subject, Self.failing(at: 4, code: EIO, tearing: false))
    #expect(throws: StoreError.file(.failed(.write, code: EIO))) {
      try writer.append(to: Self.count)
    }
    for _ in 0..<3 {
      #expect(throws: StoreError.writerFailed) { try writer.append(to: Self.count) }
    }
    #expect(throws: StoreError.writerFailed) { try writer.seal() }
    #expect(!FileSystem.exists(path: path))
  }

  @Test(arguments: WriterSubject.allCases)
  func interruptedAndShortWritesDoNoHarm(subject: WriterSubject) throws {
    let turn = Mutex(0)
    let isInterrupted: @Sendable () -> Bool = {
      turn.withLock { value in
        value += 1
        return value % 2 == 0
      }
    }
    var calls = FileCalls.system
    calls.open = { isInterrupted() ? -EINTR : FileCalls.system.open($0, $1) }
    calls.write = { descriptor, bytes in
      if isInterrupted() { return -Int(EINTR) }
      return FileCalls.system.write(descriptor, bytes.extracting(first: min(7, bytes.byteCount)))
    }
    calls.sync = { isInterrupted() ? -EINTR : FileCalls.system.sync($0) }
    calls.rename = { isInterrupted() ? -EINTR : FileCalls.system.rename($0, $1) }
    calls.truncate = { isInterrupted() ? -EINTR : FileCalls.system.truncate($0, $1) }
    let writer = try begin(subject, calls)
    try writer.append(to: Self.count)
    _ = try writer.seal()
    try subject.check(path, records: Self.count)
  }

  @Test(arguments: WriterSubject.allCases)
  func secondWriterIsRefused(subject: WriterSubject) throws {
    let first = try begin(subject, .system)
    #expect(throws: StoreError.file(.inUse(by: getpid()))) { _ = try begin(subject, .system) }
    #expect(throws: StoreError.file(.inUse(by: getpid()))) { _ = try resume(subject) }
    try first.append(to: Self.count)
    #expect(try first.seal().records == Self.count)
  }

  /// The process that is refused is told which one writes.
  @Test func writerOfAnotherProcessIsRefusedByName() async throws {
    let first = try begin(.packed, .system)
    await #expect(processExitsWith: .exitCode(7)) {
      [path = path as String, writer = getpid() as Int32] in
      let error = #expect(throws: StoreError.self) {
        _ = try WriterSubject.packed.resume(path, perBlock: Self.perBlock)
      }
      if error == .file(.inUse(by: writer)) { exit(7) }
    }
    try first.append(to: Self.count)
    #expect(try first.seal().records == Self.count)
  }

  /// Cuts the partial file at every length and goes on from there: the result is the same to the
  /// byte.
  @Test(arguments: WriterSubject.allCases) func resumeAfterEveryCut(subject: WriterSubject) throws {
    let whole = try begin(subject, .system)
    try whole.append(to: Self.count)
    _ = try whole.seal()
    let bytes = try FileSystem.readFile(path: path)
    let forge = StoreForge(bytes)
    let blockEnds = (0..<forge.blockCount).map { forge.blockOffset($0) + forge.blockBytes($0) }
    // Shorter than header and dictionary: the writer starts anew, with a number of its own.
    let lengths = Array(0..<12) + stride(from: 41, through: bytes.count, by: 41) + [bytes.count]
    for length in lengths {
      try? FileSystem.remove(path: path)
      try folder.write(Array(bytes[..<length]), to: FileSystem.name(of: partial))
      let writer = try resume(subject)
      let fullBlocks = blockEnds.count { $0 <= length }
      #expect(writer.recordCount == min(fullBlocks, 6) * Self.perBlock, "\(length)")
      try writer.append(to: Self.count)
      _ = try writer.seal()
      if length < forge.firstBlock {
        try subject.check(path, records: Self.count)
      } else {
        #expect(try FileSystem.readFile(path: path) == bytes, "\(length)")
      }
    }
  }

  @Test func resumeRefusesOtherSettings() throws {
    let begun = try begin(.plain, .system)
    try begun.append(to: Self.count)
    _ = consume begun
    let settings = WriterSubject.plain.sampleConfiguration(Self.perBlock)
    var other = settings
    other.provenance.seed = 6
    do {
      _ = try SampleStoreWriter.resume(path: path, configuration: other)
      Issue.record("another seed must be refused")
    } catch {
      #expect(
        "\(error)" == "the partial file has seed 5, expected 6; use the settings it was begun "
          + "with or remove it")
    }
    let changes: [(inout SampleStoreConfiguration) -> Void] = [
      { $0.vocabularySize = 2001 }, { $0.knownVocabulary = 1999 }, { $0.capacity = 21 },
      { $0.values = .float32 }, { $0.extras = [.mass] }, { $0.firstPosition = 1 },
      { $0.encoding = .packed }, { $0.recordsPerBlock = 15 }, { $0.provenance.tau = 0.9 },
      { $0.provenance.rounds = 19 }, { $0.provenance.tokensHash = 1 },
      { $0.provenance.tokenizerHash = 1 }, { $0.provenance.teacherHash = 1 },
      { $0.provenance.teacher = "x" }, { $0.provenance.estimator = "x" },
      { $0.provenance.packing = "x" }, { $0.provenance.contextLength = 1 },
      { $0.provenance.stride = 1 }, { $0.provenance.notes = ["a": "b"] },
    ]
    for (number, change) in changes.enumerated() {
      var other = settings
      change(&other)
      do {
        _ = try SampleStoreWriter.resume(path: path, configuration: other)
        Issue.record("change \(number) must be refused")
      } catch {
        guard case StoreError.differentPartial = error else { throw error }
      }
    }
    // What says nothing of the records may differ.
    var same = settings
    same.provenance.software = "another one"
    same.provenance.created = 5
    same.level = 9
    let writer = try SampleStoreWriter.resume(path: path, configuration: same)
    #expect(writer.recordCount == 84, "and nothing was lost by that")
  }

  @Test(arguments: WriterSubject.allCases)
  func resumeStartsWhereThereIsNothing(subject: WriterSubject) throws {
    let writer = try resume(subject)
    #expect(writer.recordCount == 0)
    try writer.append(to: Self.count)
    #expect(try writer.seal().records == Self.count)
  }

  @Test func openingAnUnfinishedStoreSaysSo() throws {
    _ = try begin(.plain, .system)
    #expect(throws: StoreError.unfinished) { _ = try SampleStore(path: path) }
    #expect(throws: StoreError.unsealed) { _ = try SampleStore(path: partial) }
    #expect("\(StoreError.unsealed)".contains("recover"))
    #expect("\(StoreError.unfinished)".contains("recover"))
    #expect(throws: StoreError.file(.failed(.open, code: ENOENT))) {
      _ = try SampleStore(path: folder.file("none.rfx"))
    }
    let inspection = try StoreInspection(path: partial)
    #expect(!inspection.isSealed && inspection.records == 0 && inspection.fingerprint == nil)
  }
}
