import Synchronization
import Testing

@testable import RefluxBenchmarks

@Suite struct HarnessTests {
  @Test func dropsTheWarmUps() throws {
    var calls = 0
    let timing = try Harness(runs: 5, warmUps: 3).measure { () throws(BenchmarkError) in
      calls += 1
      return UInt64(calls)
    }
    #expect(calls == 8)
    #expect(timing.runs == 5)
    #expect(timing.seconds.allSatisfy { $0 >= 0 })
  }

  @Test func takesTurns() throws {
    var calls = ""
    let (work, limit) = try Harness(runs: 2, warmUps: 1).compare {
      () throws(BenchmarkError) in
      calls += "w"
      return 0
    } limit: {
      () throws(BenchmarkError) in
      calls += "l"
      return 0
    }
    #expect(calls == "wlwlwl")
    #expect(work.runs == 2)
    #expect(limit.runs == 2)
  }

  @Test func stopsBetweenRuns() {
    let calls = Atomic<Int>(0)
    let observer = BenchmarkObserver(isInterrupted: { calls.load(ordering: .relaxed) == 2 })
    #expect(throws: BenchmarkError.interrupted) {
      _ = try Harness(runs: 5, warmUps: 0, observer: observer).measure {
        () throws(BenchmarkError) in
        calls.add(1, ordering: .relaxed)
        return 0
      }
    }
    #expect(calls.load(ordering: .relaxed) == 2)
  }

  @Test func passesErrorsOn() {
    #expect(throws: BenchmarkError.weighted(path: "a.rfx")) {
      _ = try Harness(runs: 1).measure { () throws(BenchmarkError) in
        throw .weighted(path: "a.rfx")
      }
    }
  }
}
