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

@Suite struct TimingTests {
  @Test func sortsItsRuns() {
    let timing = Timing([3, 1, 2])
    #expect(timing.seconds == [1, 2, 3])
    #expect(timing.runs == 3)
    #expect(timing.median == 2)
  }

  @Test(arguments: [
    (0.0, 1.0), (0.1, 1.3), (0.25, 1.75), (0.5, 2.5), (0.9, 3.7), (1.0, 4.0),
  ])
  func interpolatesQuantiles(q: Double, expected: Double) {
    #expect(abs(Timing([4, 2, 1, 3]).quantile(q) - expected) < 1e-12)
  }

  @Test func knowsEveryQuantileOfOneRun() {
    let timing = Timing([0.5])
    #expect([0, 0.1, 0.5, 0.9, 1].map(timing.quantile) == Array(repeating: 0.5, count: 5))
    #expect(timing.rate(of: 10) == 20)
  }
}
