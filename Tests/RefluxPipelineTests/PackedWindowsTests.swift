import TestSupport
import Testing

@testable import RefluxPipeline

@Suite struct PackedWindowsTests {
  static func documents(_ count: Int, longest: Int, seed: UInt64 = 1) -> (starts: [Int], end: Int) {
    var random = TestRandom(seed: seed)
    var (starts, end): ([Int], Int) = ([], 0)
    for _ in 0..<count {
      starts.append(end)
      end += 1 + Int(random.next() % UInt64(longest))
    }
    return (starts, end)
  }

  @Test(arguments: [1, 7, 64, 200, 1_000])
  func everyTokenIsInOnePlaceAndShortDocumentsStayWhole(window: Int) {
    let (starts, end) = Self.documents(600, longest: 300)
    let packed = PackedWindows(documentStarts: starts, tokenCount: end, window: window)
    var seen = [Int](repeating: 0, count: end)
    let bounds = Set(starts + [end])
    for number in 0..<packed.count {
      var filled = 0
      packed.forEachPiece(of: number) { piece in
        #expect(piece.position == filled && !piece.records.isEmpty)
        filled += piece.records.count
        for record in piece.records { seen[record] += 1 }
        #expect(piece.endsDocument == bounds.contains(piece.records.upperBound))
        // Only a piece as long as a window may leave its document unfinished.
        #expect(piece.endsDocument || piece.records.count == window)
      }
      #expect(filled <= window && filled > 0)
    }
    #expect(seen.allSatisfy { $0 == 1 })
    #expect(packed.tokens == end)
  }

  /// No two windows of a group could have been one; little is lost.
  @Test func fitsWell() {
    let (starts, end) = Self.documents(5_000, longest: 900)
    let packed = PackedWindows(documentStarts: starts, tokenCount: end, window: 1_024)
    let least = (end + 1_023) / 1_024
    #expect(packed.count <= least + least / 20 + 3)
  }

  @Test func bestFitTakesTheFullestBin() {
    var packer = BestFit(window: 10)
    #expect([7, 5, 3, 2, 3, 10, 1].map { packer.place($0) } == [0, 1, 0, 1, 1, 2, 3])
    packer.removeAll()
    #expect([9, 8, 1, 1, 1].map { packer.place($0) } == [0, 1, 0, 1, 1])
  }
}
