import Foundation
import RefluxEvaluation
import TestSupport
import Testing

/// Boxes and mixed images against those of `References/make_cutmix.py`.
@Suite struct CutMixTests {
  private struct References: Decodable {
    struct Example: Decodable {
      var height, width: Int
      var lambda: Double
      var center, box: [Int]
      var kept: Double
    }
    struct Mix: Decodable {
      var images: [[Int]]
      var box, mixed: [Int]
    }
    var boxes: [Example]
    var mix: Mix
  }

  private let references: References

  init() throws {
    let path = RepositoryFolder.file("Tests/RefluxEvaluationTests/References/cutmix.json")
    references = try JSONDecoder().decode(
      References.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func box(_ sides: [Int]) -> CutMix.Box {
    CutMix.Box(left: sides[0], top: sides[1], right: sides[2], bottom: sides[3])
  }

  @Test func boxesAreThoseOfTheReference() {
    for example in references.boxes {
      let found = CutMix.box(
        height: example.height, width: example.width, lambda: example.lambda,
        center: (example.center[0], example.center[1]))
      #expect(found == box(example.box))
      let kept = found.keptShare(height: example.height, width: example.width)
      #expect(abs(kept - example.kept) < 1e-15)
    }
    #expect(references.boxes.count > 50)
  }

  @Test func pastesTheBoxOfEveryChannel() {
    let mix = references.mix
    var image = mix.images[0]
    CutMix.mix(&image, with: mix.images[1], box: box(mix.box), height: 4, width: 5)
    #expect(image == mix.mixed)
  }

  /// Every pixel is one of the two images', at its place.
  @Test(arguments: [(2, 1, 1), (3, 7, 1), (5, 6, 10), (40, 32, 32)])
  func drawsConservePixels(count: Int, height: Int, width: Int) {
    for run in 0..<20 {
      let mix = CutMix(count: count, height: height, width: width, seed: 9, run: run)
      #expect((0..<1).contains(mix.lambda))
      #expect((0...1).contains(mix.box.keptShare(height: height, width: width)))
      #expect(!mix.partners.indices.contains { mix.partners[$0] == $0 })
      var image = [Int](repeating: 0, count: 2 * height * width)
      CutMix.mix(
        &image, with: image.map { _ in 1 }, box: mix.box, height: height, width: width)
      #expect(image.reduce(0, +) == 2 * mix.box.area)
      for (place, pixel) in image.enumerated() {
        let (row, column) = (place / width % height, place % width)
        let isInside =
          (mix.box.top..<mix.box.bottom).contains(row)
          && (mix.box.left..<mix.box.right).contains(column)
        #expect(pixel == (isInside ? 1 : 0))
      }
    }
  }

  @Test func drawsFollowFromSeedAndRun() {
    func draw(_ seed: UInt64, _ run: Int) -> CutMix {
      CutMix(count: 9, height: 30, width: 20, seed: seed, run: run)
    }
    #expect(draw(1, 0) == draw(1, 0))
    #expect(draw(1, 0) != draw(1, 1) && draw(1, 0) != draw(2, 0))
  }

  @Test func highestScoresStandLastAndTiesByNumber() {
    #expect(Ranking.highest([3, 1, 2, 2, 2], count: 3) == [3, 4, 0])
    #expect(Ranking.highest([1, 2], count: 5) == [0, 1])
    #expect(Ranking.highest([1, 2], count: 0) == [])
    #expect(Ranking.count(0.2, of: 10) == 2 && Ranking.count(0.21, of: 10) == 3)
    #expect(Ranking.count(0.07, of: 100) == 7 && Ranking.count(1e-9, of: 5) == 1)
    #expect(Ranking.count(1, of: 5) == 5 && Ranking.count(0.5, of: 0) == 0)
  }
}
