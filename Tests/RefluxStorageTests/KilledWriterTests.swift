import Foundation
import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Real processes that write a store and are stopped by the system.
///
/// `REFLUX_KILLS=100` stops each kind of writer that many times at a random moment, `REFLUX_SEED`
/// moves the moments elsewhere; see Formats/Store/VERIFICATION.md.
@Suite(.serialized) struct KilledWriterTests {
  static let environment = ProcessInfo.processInfo.environment
  static let kills = environment["REFLUX_KILLS"].flatMap { Int($0) } ?? 5
  static let seed = environment["REFLUX_SEED"].flatMap { UInt64($0) } ?? 2026
  static let count = 4000
  static let perBlock = 100
  let folder = TemporaryFolder()

  /// Writes the same store again and again, going on with what an earlier life left, until a timer
  /// of the system ends the process.
  static func writeUntilKilled(
    _ subject: WriterSubject, _ path: String, after microseconds: Int
  ) throws {
    signal(SIGALRM, SIG_DFL)
    ualarm(UInt32(microseconds), 0)
    while true {
      let writer = try subject.resume(path, perBlock: perBlock)
      try writer.append(to: count)
      _ = try writer.seal()
    }
  }

  /// At any moment there is a whole store under the path or none, and a partial file that holds
  /// every block it ever held.
  @Test(arguments: WriterSubject.allCases)
  func killedAtRandomMoments(subject: WriterSubject) async throws {
    let path = folder.file("s.rfx")
    var random = TestRandom(seed: Self.seed)
    var (sealed, partials) = (0, 0)
    for _ in 0..<Self.kills {
      let moment = Int.random(in: 100...40_000, using: &random)
      await #expect(processExitsWith: .signal(SIGALRM)) {
        [path = path as String, subject = subject as WriterSubject, moment = moment as Int] in
        try Self.writeUntilKilled(subject, path, after: moment)
      }
      if FileSystem.exists(path: path) {
        sealed += 1
        try subject.check(path, records: Self.count, step: 101)
      }
      if FileSystem.exists(path: path + ".partial") {
        partials += 1
        try checkPartial(subject, path)
      }
    }
    #expect(sealed + partials > 0)
    // The last life ends well.
    try? FileSystem.remove(path: path)
    let writer = try subject.resume(path, perBlock: Self.perBlock)
    try writer.append(to: Self.count)
    _ = try writer.seal()
    try subject.check(path, records: Self.count, step: 7)
  }

  private func checkPartial(_ subject: WriterSubject, _ path: String) throws {
    let output = folder.file("saved.rfx")
    do {
      let recovery = try StoreRecovery.recover(path: path + ".partial", output: output)
      #expect(recovery.recordsRecovered % Self.perBlock == 0)
      try subject.check(output, records: recovery.recordsRecovered, step: 101)
    } catch StoreError.empty, StoreError.damaged(.header, _, .cut),
      StoreError.damaged(.dictionary, _, .cut)
    {
      // Killed before the header was whole: the next writer starts anew.
    }
  }

  @Test func killedAgainAndAgainAndStillWhole() async throws {
    let path = folder.file("s.rfx")
    var kept = 0
    for stop in [300, 1900, 1950, 3999] {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, stop = stop as Int] in
        try WriterSubject.plain.resume(path, perBlock: Self.perBlock).append(to: stop)
        kill(getpid(), SIGKILL)
      }
      let inspection = try StoreInspection(path: path + ".partial")
      #expect(!inspection.isSealed)
      #expect(inspection.records >= kept)
      #expect(inspection.records > stop - 2 * inspection.header.recordsPerBlock)
      kept = inspection.records
      try checkRecovery(path, atLeast: kept)
    }
    let writer = try WriterSubject.plain.resume(path, perBlock: Self.perBlock)
    #expect(writer.recordCount == kept)
    try writer.append(to: Self.count)
    let summary = try writer.seal()
    let other = try WriterSubject.plain.resume(
      folder.file("whole.rfx"), perBlock: Self.perBlock)
    try other.append(to: Self.count)
    #expect(try other.seal().fingerprint == summary.fingerprint)
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  private func checkRecovery(_ path: String, atLeast records: Int) throws {
    let output = folder.file("saved.rfx")
    let recovery = try StoreRecovery.recover(path: path + ".partial", output: output)
    #expect(recovery.recordsRecovered == records)
    try WriterSubject.plain.check(output, records: records, step: 101)
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
        try WriterSubject.plain.resume(path, perBlock: Self.perBlock).append(to: Self.count)
      } catch StoreError.file(.failed(.write, EFBIG)) {
        exit(7)
      }
    }
    #expect(!FileSystem.exists(path: path))
    let kept = try StoreInspection(path: path + ".partial").records
    #expect(kept > 0)
    try checkRecovery(path, atLeast: kept)
    let writer = try WriterSubject.plain.resume(path, perBlock: Self.perBlock)
    #expect(writer.recordCount == kept)
    try writer.append(to: Self.count)
    #expect(try writer.seal().records == Self.count)
    #expect(try StoreVerification.verify(path: path).isValid)
  }
}
