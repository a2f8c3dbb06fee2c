import Dispatch
import RefluxWorkers
import Testing

@Suite struct FirstFailureTests {
  struct Stop: Error, Equatable { var share: Int }

  @Test func nothingFailed() throws {
    let failure = FirstFailure<Stop>()
    failure.watch(share: 0) {}
    try failure.check()
  }

  /// Whatever the order in which shares fail.
  @Test(arguments: [[2, 5, 9], [9, 5, 2], [5, 2, 9]])
  func theFirstShareCounts(order: [Int]) {
    let failure = FirstFailure<Stop>()
    for share in order {
      failure.watch(share: share) { () throws(Stop) in throw Stop(share: share) }
    }
    #expect(throws: Stop(share: 2)) { try failure.check() }
  }

  @Test func threadsMayFailTogether() {
    let failure = FirstFailure<Stop>()
    DispatchQueue.concurrentPerform(iterations: 100) { failure.add(Stop(share: $0), share: $0) }
    #expect(throws: Stop(share: 0)) { try failure.check() }
  }
}
