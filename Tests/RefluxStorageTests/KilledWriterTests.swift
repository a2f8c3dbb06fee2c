import Foundation
import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Real processes that write a store and are stopped by the system.
@Suite(.serialized) struct KilledWriterTests {
  static let rounds = 30
  static let count = 4000
  let folder = TemporaryFolder()

  static func set(_ record: Int) -> (ids: [UInt32], counts: [UInt32]) {
    var random = TestRandom(seed: UInt64(record))
    return StoreSamples.set(vocabulary: 3000, rounds: rounds, using: &random)
  }

  static func resume(_ path: String) throws -> SampleStoreWriter {
    try SampleStoreWriter.resume(
      path: path, vocabularySize: 3000, capacity: rounds, weighted: false,
      provenance: StoreSamples.provenance(rounds: rounds))
  }

  /// Appends from where the writer stands up to `end`.
  static func append(_ writer: SampleStoreWriter, to end: Int) throws {
    while writer.recordCount < end {
      let set = set(writer.recordCount)
      try writer.append(ids: set.ids, counts: set.counts)
    }
  }

  @Test func killedAgainAndAgainAndStillWhole() async throws {
    let path = folder.file("s.rfx")
    var kept = 0
    for stop in [300, 1900, 1950, 3999] {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, stop = stop as Int] in
        try Self.append(try Self.resume(path), to: stop)
        kill(getpid(), SIGKILL)
      }
      let inspection = try StoreInspection(path: path + ".partial")
      #expect(!inspection.isSealed)
      #expect(inspection.records >= kept)
      #expect(inspection.records > stop - 2 * inspection.header.recordsPerBlock)
      kept = inspection.records
      try checkRecovery(path, atLeast: kept)
    }
    let writer = try Self.resume(path)
    #expect(writer.recordCount == kept)
    try Self.append(writer, to: Self.count)
    let summary = try writer.seal()
    let whole = folder.file("whole.rfx")
    let other = try Self.resume(whole)
    try Self.append(other, to: Self.count)
    #expect(try other.seal().fingerprint == summary.fingerprint)
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  private func checkRecovery(_ path: String, atLeast records: Int) throws {
    let output = folder.file("saved.rfx")
    let recovery = try StoreRecovery.recover(path: path + ".partial", output: output)
    #expect(recovery.recordsRecovered == records)
    let reader = try SampleStore(path: output).makeReader()
    for record in stride(from: 0, to: records, by: 101) {
      #expect(try reader.record(record).ids == Self.set(record).ids)
    }
  }

  /// The system itself refuses to let the file grow, as a full disk does.
  @Test func limitOfTheSystem() async throws {
    let path = folder.file("limited.rfx")
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
      signal(SIGXFSZ, SIG_IGN)
      #if os(Linux)
        var limit = rlimit(rlim_cur: 30_000, rlim_max: 30_000)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        var limit = rlimit(rlim_cur: 30_000, rlim_max: 30_000)
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
      do {
        try Self.append(try Self.resume(path), to: Self.count)
      } catch StoreError.file(.failed(.write, EFBIG)) {
        exit(7)
      }
    }
    #expect(!FileSystem.exists(path: path))
    let kept = try StoreInspection(path: path + ".partial").records
    #expect(kept > 0)
    try checkRecovery(path, atLeast: kept)
    let writer = try Self.resume(path)
    #expect(writer.recordCount == kept)
    try Self.append(writer, to: Self.count)
    #expect(try writer.seal().records == Self.count)
    #expect(try StoreVerification.verify(path: path).isValid)
  }
}
