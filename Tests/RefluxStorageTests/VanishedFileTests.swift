import Dispatch
import RefluxFiles
import RefluxStorage
import Synchronization
import TestSupport
import Testing

/// Stores that another process shortens while they are read: an error that says so, and no crash.
@Suite struct VanishedFileTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("v.rfx") }

  private func cut(to size: Int) throws {
    let result = try RunResult.run(
      [
        "python3", "-c", "import os, sys; os.truncate(sys.argv[1], int(sys.argv[2]))", path,
        "\(size)",
      ])
    #expect(result.status == 0, "\(result.errors)")
  }

  private func isVanished(_ error: StoreError?) -> Bool {
    if case .damaged(_, _, .vanished) = error { true } else { false }
  }

  @Test(arguments: [100, 100_000, 140_000])
  func tokens(size: Int) throws {
    let ids = StoreSamples.ids(100_000, vocabulary: 60_000, seed: 2)
    _ = try StoreSamples.writeTokens(path, [ids], vocabulary: 60_000)
    let reader = try TokenStore(path: path).makeReader()
    #expect(try reader.read(0..<32_768) == Array(ids[..<32_768]))
    try cut(to: size)
    // The block that was read last was checked before the cut: it must not give zeros.
    let again = #expect(throws: (size < 60_000 ? StoreError.self : nil) ?? StoreError.self) {
      let found = try reader.read(0..<32_768)
      if size > 70_000, found == Array(ids[..<32_768]) { throw StoreError.writerFailed }
    }
    #expect(size > 70_000 ? again == .writerFailed : isVanished(again))
    for first in [70_000, 99_999] {
      let error = #expect(throws: StoreError.self) { try reader.read(first..<first + 1) }
      #expect(isVanished(error), "\(String(describing: error))")
      #expect("\(error!)".contains("another process shortened the file"))
    }
  }

  @Test(arguments: [SampleEncoding.plain, .packed])
  func samples(encoding: SampleEncoding) throws {
    let sets = StoreSamples.sets(3000, vocabulary: 5000, rounds: 50, seed: 6)
    let summary = try StoreSamples.writeSets(
      path, sets, vocabulary: 5000, rounds: 50, encoding: encoding)
    let reader = try SampleStore(path: path).makeReader()
    #expect(try reader.record(0).ids == sets[0].ids)
    try cut(to: summary.fileBytes / 2)
    let error = #expect(throws: StoreError.self) { try reader.record(2999) }
    #expect(isVanished(error), "\(String(describing: error))")
    // From then on nothing of it is trusted, by this reader or another one.
    #expect(throws: StoreError.self) { try reader.record(1) }
    // Verifying a store that loses its end meanwhile is never a success.
    let verification = try? StoreVerification.verify(path: path)
    #expect(verification?.isValid != true)
  }

  /// Cut in the middle of reading, at no particular moment.
  @Test func cutWhileOthersRead() throws {
    let ids = StoreSamples.ids(300_000, vocabulary: 60_000, seed: 2)
    _ = try StoreSamples.writeTokens(path, [ids], vocabulary: 60_000)
    let store = try TokenStore(path: path)
    let wrong = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 3) { worker in
      if worker == 0 {
        try? cut(to: 5000)
        return
      }
      let reader = store.makeReader()
      var first = 0
      while true {
        do throws(StoreError) {
          let found = try reader.read(first..<first + 5000)
          if found != Array(ids[first..<first + 5000]) { wrong.add(1, ordering: .relaxed) }
          first = (first + 35_000) % 290_000
        } catch {
          if !isVanished(error) { wrong.add(1, ordering: .relaxed) }
          return
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }
}
