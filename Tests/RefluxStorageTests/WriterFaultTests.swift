import Foundation
import RefluxFiles
import RefluxStorage
import Synchronization
import TestSupport
import Testing

/// Writers whose system calls fail, and what is left of their work.
@Suite struct WriterFaultTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("s.rfx") }
  var partial: String { path + ".partial" }

  static let rounds = 20
  static let perBlock = 16
  static let sets = StoreSamples.sets(100, vocabulary: 2000, rounds: rounds, seed: 12)

  /// System calls of which the n-th fails with `code`, as do all later writes.
  static func failing(at number: Int, code: Int32, tearing: Bool) -> FileCalls {
    let turn = Mutex(0)
    let next: @Sendable () -> Bool = {
      turn.withLock { value in
        value += 1
        return value > number
      }
    }
    var calls = FileCalls.system
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

  private func writer(_ calls: FileCalls) throws -> SampleStoreWriter {
    try SampleStoreWriter(
      path: path, vocabularySize: 2000, capacity: Self.rounds, weighted: false,
      provenance: StoreSamples.provenance(rounds: Self.rounds), fileID: 5,
      recordsPerBlock: Self.perBlock, calls: calls)
  }

  /// Fails at every single system call in turn: the store is there whole, or what was written
  /// before is recovered.
  @Test(arguments: [true, false]) func fullDiskAtEveryCall(tearing: Bool) throws {
    var sealed = false
    var number = 0
    while !sealed {
      try? FileSystem.remove(path: path)
      try? FileSystem.remove(path: partial)
      var taken = 0
      do {
        let writer = try writer(Self.failing(at: number, code: ENOSPC, tearing: tearing))
        for set in Self.sets {
          try writer.append(ids: set.ids, counts: set.counts)
          taken += 1
        }
        _ = try writer.seal()
        sealed = true
      } catch {
        guard case StoreError.file(.failed(_, ENOSPC)) = error else { throw error }
        #expect("\(error)".contains("No space left on device; free some space"))
      }
      try checkRemains(number, taken: taken, sealed: sealed)
      number += 1
    }
    // truncate, header, 7 blocks, index with trailer, sync, rename, sync of the folder.
    #expect(number == 14)
  }

  private func checkRemains(_ number: Int, taken: Int, sealed: Bool) throws {
    if FileSystem.exists(path: path) {
      // Only the last flush, of the folder, can fail after the rename.
      #expect(sealed || number == 12)
      #expect(try StoreVerification.verify(path: path).isValid)
      return
    }
    #expect(!sealed)
    guard number >= 2 else { return }
    let output = folder.file("saved.rfx")
    let recovery = try StoreRecovery.recover(path: partial, output: output)
    #expect(recovery.recordsRecovered >= taken / Self.perBlock * Self.perBlock)
    let reader = try SampleStore(path: output).makeReader()
    for record in 0..<recovery.recordsRecovered {
      #expect(try reader.record(record).ids == Self.sets[record].ids)
      #expect(try reader.record(record).counts == Self.sets[record].counts)
    }
  }

  @Test func failedWriterTakesNothingMore() throws {
    let writer = try writer(Self.failing(at: 3, code: EIO, tearing: false))
    var errors: [StoreError] = []
    for set in Self.sets {
      do throws(StoreError) {
        try writer.append(ids: set.ids, counts: set.counts)
      } catch {
        errors.append(error)
      }
    }
    #expect(errors.first == .file(.failed(.write, code: EIO)))
    #expect(errors.dropFirst().allSatisfy { $0 == .writerFailed })
    #expect(throws: StoreError.writerFailed) { try writer.seal() }
    #expect(!FileSystem.exists(path: path))
  }

  @Test func interruptedAndShortWritesDoNoHarm() throws {
    let turn = Mutex(0)
    var calls = FileCalls.system
    calls.write = { descriptor, bytes in
      let now = turn.withLock { value in
        value += 1
        return value
      }
      if now % 2 == 0 { return -Int(EINTR) }
      return FileCalls.system.write(descriptor, bytes.extracting(first: min(7, bytes.byteCount)))
    }
    let writer = try writer(calls)
    for set in Self.sets { try writer.append(ids: set.ids, counts: set.counts) }
    _ = try writer.seal()
    #expect(try StoreVerification.verify(path: path).isValid)
    #expect(try SampleStore(path: path).count == 100)
  }

  @Test func secondWriterIsRefused() throws {
    let first = try writer(.system)
    #expect(throws: StoreError.file(.inUse(by: getpid()))) { _ = try writer(.system) }
    #expect(throws: StoreError.file(.inUse(by: getpid()))) { _ = try resumed() }
    for set in Self.sets { try first.append(ids: set.ids, counts: set.counts) }
    #expect(try first.seal().records == 100)
  }

  private func resumed() throws -> SampleStoreWriter {
    try SampleStoreWriter.resume(
      path: path, vocabularySize: 2000, capacity: Self.rounds, weighted: false,
      provenance: StoreSamples.provenance(rounds: Self.rounds), recordsPerBlock: Self.perBlock)
  }

  /// Cuts the partial file at every length and goes on from there: the content is the same.
  @Test func resumeAfterEveryCut() throws {
    let whole = try writer(.system)
    for set in Self.sets { try whole.append(ids: set.ids, counts: set.counts) }
    let fingerprint = try whole.seal().fingerprint
    let bytes = try FileSystem.readFile(path: path)
    let blockEnds = try blockEnds(bytes)
    for length in stride(from: 0, through: bytes.count, by: 41) {
      try? FileSystem.remove(path: path)
      try folder.write(Array(bytes[..<length]), to: FileSystem.name(of: partial))
      let writer = try resumed()
      let fullBlocks = blockEnds.count { $0 <= length }
      #expect(writer.recordCount == min(fullBlocks, 6) * Self.perBlock)
      for set in Self.sets[writer.recordCount...] {
        try writer.append(ids: set.ids, counts: set.counts)
      }
      #expect(try writer.seal().fingerprint == fingerprint)
      #expect(try StoreVerification.verify(path: path).isValid)
    }
  }

  private func blockEnds(_ bytes: [UInt8]) throws -> [Int] {
    let forge = StoreForge(bytes)
    return (0..<forge.blockCount).map { forge.blockOffset($0) + forge.blockBytes($0) }
  }

  @Test func resumeRefusesOtherSettings() throws {
    let begun = try writer(.system)
    for set in Self.sets { try begun.append(ids: set.ids, counts: set.counts) }
    _ = consume begun
    var other = StoreSamples.provenance(rounds: Self.rounds)
    other.seed = 6
    do {
      _ = try SampleStoreWriter.resume(
        path: path, vocabularySize: 2000, capacity: Self.rounds, weighted: false,
        provenance: other, recordsPerBlock: Self.perBlock)
      Issue.record("another seed must be refused")
    } catch {
      #expect(
        "\(error)" == "the partial file has seed 5, expected 6; use the settings it was begun "
          + "with or remove it")
    }
    #expect(throws: StoreError.self) {
      _ = try SampleStoreWriter.resume(
        path: path, vocabularySize: 2001, capacity: Self.rounds, weighted: false,
        provenance: StoreSamples.provenance(rounds: Self.rounds),
        recordsPerBlock: Self.perBlock)
    }
    #expect(try resumed().recordCount == 96, "and nothing was lost by that")
  }

  @Test func resumeStartsWhereThereIsNothing() throws {
    let writer = try resumed()
    #expect(writer.recordCount == 0)
    for set in Self.sets { try writer.append(ids: set.ids, counts: set.counts) }
    #expect(try writer.seal().records == 100)
  }

  @Test func openingAnUnfinishedStoreSaysSo() throws {
    _ = try writer(.system)
    #expect(throws: StoreError.unfinished) { _ = try SampleStore(path: path) }
    #expect(throws: StoreError.unsealed) { _ = try SampleStore(path: partial) }
    #expect("\(StoreError.unsealed)".contains("reflux recover"))
    #expect("\(StoreError.unfinished)".contains("reflux recover"))
    #expect(throws: StoreError.file(.failed(.open, code: ENOENT))) {
      _ = try SampleStore(path: folder.file("none.rfx"))
    }
    let inspection = try StoreInspection(path: partial)
    #expect(!inspection.isSealed && inspection.records == 0 && inspection.fingerprint == nil)
  }
}
