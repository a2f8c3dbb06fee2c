import Foundation
import NumericSupport
import RefluxKernels
import RefluxMemory
import RefluxRandom
import Testing

/// The parts of Muon over rows of any width; whole steps are judged by torch's in
/// RefluxTrainingTests.
struct MuonTests {
  private func table(_ rows: Int, _ columns: Int, seed: UInt64) -> WalledMatrix<Float> {
    var random = RandomStream(seed: seed, stream: UInt64(columns))
    let values = random.normals(rows * columns)
    return WalledMatrix(rows: rows, columns: columns, gap: 3, offset: columns % 7) {
      values[$0 * columns + $1]
    }
  }

  private func worst(_ found: [[Float]], _ expected: (Int, Int) -> Double) -> Double {
    var worst = 0.0
    for row in found.indices {
      for column in found[row].indices {
        let error = abs(Double(found[row][column]) - expected(row, column))
        worst = error.isNaN ? .infinity : max(worst, error)
      }
    }
    return worst
  }

  @Test(arguments: Array(0...67) + [1000])
  func momentumAndSum(columns: Int) {
    let (g, m, u) = (
      table(3, columns, seed: 1), table(3, columns, seed: 2), table(3, columns, seed: 3)
    )
    let (before, gradient) = (m.values, g.values)
    let muon = Muon(momentum: 0.875)
    let sum = muon.blend(gradient: g.matrix, m: m.matrix, into: u.matrix, clip: 0.5)
    func momentum(_ row: Int, _ column: Int) -> Double {
      0.875 * Double(before[row][column]) + 0.0625 * Double(gradient[row][column])
    }
    #expect(worst(m.values, momentum) < 1e-6)
    #expect(
      worst(u.values) { 0.875 * momentum($0, $1) + 0.0625 * Double(gradient[$0][$1]) } < 1e-6)
    let exact = u.values.reduce(0) { $1.reduce($0) { $0 + Double($1) * Double($1) } }
    #expect(abs(sum - exact) <= 1e-6 * exact)
    #expect(g.wallsStand && m.wallsStand && u.wallsStand)
  }

  @Test(arguments: Array(0...67) + [1000])
  func updateOfTheWeights(columns: Int) {
    let (x, w) = (table(3, columns, seed: 4), table(3, columns, seed: 5))
    let (before, step) = (w.values, x.values)
    Muon().apply(x.matrix, to: w.matrix, largest: 100, rate: 0.25, decay: 0.1)
    let error = worst(w.values) { row, column in
      0.975 * Double(before[row][column]) - 0.25 * 0.2 * 10 * Double(step[row][column])
    }
    #expect(error < 1e-6)
    #expect(x.wallsStand && w.wallsStand)
  }

  @Test(arguments: Array(0...67) + [1000])
  func operandsAndFactors(count: Int) {
    expectOperandsAndFactors(count, Float.self)
    expectOperandsAndFactors(count, BFloat16.self)
  }

  private func expectOperandsAndFactors<Element: Scalar>(_ count: Int, _: Element.Type) {
    var random = RandomStream(seed: 6, stream: UInt64(count))
    let (values, others) = (random.normals(count), random.normals(count))
    let (v, x) = (Walled<Float>(values, offset: 1), Walled<Element>(count: count, offset: 3))
    Muon().open(v.view, into: x.view)
    let rounded = values.map { Element(rounding: $0).float }
    #expect(x.values == rounded)
    #expect(v.values == rounded.map { $0 * 3.4445 })
    let (square, p) = (Walled<Float>(others, offset: 2), Walled<Element>(count: count, offset: 5))
    func row<Format: Scalar>(_ view: View<Format>) -> Matrix<Format> {
      Matrix(view, rows: 1, columns: count)
    }
    Muon().polynomial(row(x.view), row(square.view), into: row(p.view))
    let slack = Element.self == Float.self ? 1e-6 : 1.0 / 256
    for index in 0..<count {
      let exact = -4.775 * Double(rounded[index]) + 2.0315 * Double(others[index])
      let size = 5 * abs(Double(rounded[index])) + 2 * abs(Double(others[index]))
      #expect(abs(Double(p.values[index]) - exact) <= slack * size)
    }
    #expect(v.wallsStand && x.wallsStand && square.wallsStand && p.wallsStand)
  }

  @Test func theNormHasAFloor() {
    #expect(Muon().factor(sumOfSquares: 4) == 0.5)
    #expect(Muon(epsilon: 0.5).factor(sumOfSquares: 0) == 2)
  }
}
