import Foundation
import NumericSupport
import RefluxMemory
import RefluxRandom
import Testing

struct MemoryTests {
  @Test(arguments: Array(0...67) + [1000])
  func numbersComeFromBytesAtAnyAddress(count: Int) {
    var random = RandomStream(seed: 80, stream: UInt64(count))
    let values = random.normals(count)
    let halves = values.map { BFloat16(rounding: $0) }
    for shift in [0, 1, 3, 8] {
      let front = [UInt8](repeating: 0xFF, count: shift)
      let whole = front + values.flatMap { withUnsafeBytes(of: $0) { Array($0) } } + front
      let short = front + halves.flatMap { withUnsafeBytes(of: $0.bits) { Array($0) } } + front
      let (exact, rounded) = (Walled<Float>(count: count, offset: 1), Walled<Float>(count: count))
      let (wholeSpan, shortSpan) = (whole.span.bytes, short.span.bytes)
      exact.view.copy(from: wholeSpan.extracting(shift..<shift + 4 * count), as: Float.self)
      rounded.view.copy(from: shortSpan.extracting(shift..<shift + 2 * count), as: BFloat16.self)
      #expect(exact.values == values && rounded.values == halves.map(\.float))
      #expect(exact.wallsStand && rounded.wallsStand)
    }
  }

  @Test(arguments: [1, 15, 16, 17, 33, 100])
  func theFirstNumberThatIsNotFiniteIsFound(count: Int) {
    for place in 0..<count {
      for bad in [Float.nan, .infinity, -.infinity] {
        let values = Walled<Float>((0..<count).map { Float($0) * 1e36 }, offset: 1)
        #expect(values.view.firstNotFinite() == nil)
        values.view[place] = bad
        if place + 3 < count { values.view[place + 3] = .nan }
        #expect(values.view.firstNotFinite() == place)
      }
    }
  }

  @Test func viewsAreZeroDisjointAndAligned() {
    let arena = Arena()
    var views: [View<Float>] = []
    for count in [0, 1, 15, 16, 17, 1000, 5_000_000, 3] {
      let view: View<Float> = arena.take(count)
      #expect(view.count == count)
      #expect((0..<min(count, 2000)).allSatisfy { view[$0] == 0 })
      view.withSpan { span in
        span.withUnsafeBufferPointer {
          if let start = $0.baseAddress { #expect(UInt(bitPattern: start) % 64 == 0) }
        }
      }
      view.fill(Float(count))
      views.append(view)
    }
    for view in views { #expect((0..<view.count).allSatisfy { view[$0] == Float(view.count) }) }
    #expect(arena.byteCount >= 4 * 5_001_052)
  }

  /// The layout of a measure is that of the work, block by block.
  @Test func measuresTakeNothingAndSayAll() {
    func layout() -> [Arena] {
      let (large, small) = (Arena(), Arena(blockBytes: 4096))
      for count in [0, 1, 100, 5_000_000] { let _: View<Float> = large.take(count) }
      for count in [500, 600, 5000] { let _: View<UInt8> = small.take(count) }
      return [large, small]
    }
    let taken = layout()
    var measured: [Arena] = []
    let need = Arena.measure { measured = layout() }
    #expect(need.bytes == taken.reduce(0) { $0 + $1.byteCount })
    #expect(need.bytes == measured.reduce(0) { $0 + $1.byteCount })
    #expect(need.addressBytes == 16 << 20 + 20_000_000 + 4096 + 5056)
    // What is taken later counts for nobody; no page of 4 TB is there.
    #expect(Arena.measure { let _: View<Float> = measured[0].take(1 << 40) } == MemoryNeed())
    #expect(
      Arena.measure { let _: View<Float> = Arena().take(1 << 40) }
        == MemoryNeed(bytes: 1 << 42))
    #expect(
      MemoryNeed(bytes: 1) + MemoryNeed(bytes: 2, addressBytes: 5)
        == MemoryNeed(bytes: 3, addressBytes: 6))
  }

  @Test func measuresEndWithTheErrorOfTheirBody() {
    enum Stop: Error { case here }
    #expect(throws: Stop.here) {
      _ = try Arena.measure { () throws(Stop) in throw .here }
    }
  }

  /// Nothing can continue from there; the program says how it ends.
  @Test func memoryThatIsNotThereEndsTheProcessAsToldTo() async {
    await #expect(processExitsWith: .exitCode(9)) {
      Arena.onExhaustion { bytes in exit(bytes == 1 << 60 ? 9 : 10) }
      let _: View<UInt8> = Arena(blockBytes: 1 << 60).take(1)
    }
    await #expect(processExitsWith: .failure) {
      let _: View<UInt8> = Arena(blockBytes: 1 << 60).take(1)
    }
  }

  @Test func partsOfMatricesShareTheirElements() {
    let matrix = WalledMatrix<Float>(rows: 5, columns: 7, gap: 2) { Float($0 * 10 + $1) }.matrix
    let part = matrix.rows(1, 3).columns(2, 4)
    #expect(part.rows == 3 && part.columns == 4 && part.rowStride == 9)
    #expect((0..<4).map { part.row(2)[$0] } == [32, 33, 34, 35])
    let turned = part.transposed
    #expect(turned.rows == 4 && turned.columns == 3)
    #expect(turned.rowStride == 1 && turned.columnStride == 9)
    #expect(turned.columns(1, 2).rows(3, 1).elements[0] == 25)
    part.row(0)[0] = -1
    #expect(matrix.row(1)[2] == -1)
  }

  @Test func copiesKeepWhatTheyDoNotCover() {
    let arena = Arena()
    let target: View<Int32> = arena.take(5)
    target.fill(9)
    target.copy(from: [1, 2, 3].span)
    #expect((0..<5).map { target[$0] } == [1, 2, 3, 9, 9])
    let source: View<Int32> = arena.take(2)
    target.slice(3, 2).copy(from: source)
    #expect((0..<5).map { target[$0] } == [1, 2, 3, 0, 0])
  }
}
