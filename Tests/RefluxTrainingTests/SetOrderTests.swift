import RefluxMemory
import TestSupport
import Testing

@testable import RefluxTraining

/// Sample sets in the order of their ids.
struct SetOrderTests {
  @Test(arguments: Array(0...40) + [1000, 3001])
  func idsAscendWithTheirWeights(count: Int) {
    var random = TestRandom(seed: UInt64(count))
    let ids = (0..<count).map { _ in UInt32(random.next() % 5000) }
    let arena = Arena()
    let (keys, weights): (View<UInt32>, View<Float>) = (arena.take(count), arena.take(count))
    keys.copy(from: ids.span)
    for place in 0..<count { weights[place] = Float(ids[place]) / 2 }
    sortByID(keys, weights)
    let found = withExtendedLifetime(arena) {
      (0..<count).map { (id: keys[$0], weight: weights[$0]) }
    }
    #expect(found.map(\.id) == ids.sorted())
    #expect(found.allSatisfy { $0.weight == Float($0.id) / 2 })
  }
}
