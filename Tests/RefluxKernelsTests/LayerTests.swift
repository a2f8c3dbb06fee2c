import Foundation
import NumericSupport
import RefluxKernels
import RefluxMemory
import RefluxRandom
import Testing

struct LayerTests {
  // MARK: RMSNorm

  @Test(arguments: sizes)
  func normAgreesWithReference(width: Int) {
    var random = RandomStream(seed: 20, stream: UInt64(width))
    let x = random.normals(3, width) + [[Float](repeating: 0, count: width)]
    let gain = random.normals(width)
    let input = WalledMatrix<Float>(x, gap: 3, offset: 1)
    let gains = Walled<Float>(gain, offset: 2)
    let scales = Walled<Float>(count: 4)
    let output = WalledMatrix<Float>(rows: 4, columns: width, gap: 1, offset: 5) { _, _ in 0 }
    let rounded = WalledMatrix<BFloat16>(rows: 4, columns: width, gap: 1) { _, _ in 0 }
    RMSNorm.forward(
      input.matrix, gain: gains.view, epsilon: 1e-5, into: output.matrix, scales: scales.view)
    RMSNorm.forward(
      input.matrix, gain: gains.view, epsilon: 1e-5, into: rounded.matrix, scales: scales.view)
    for row in 0..<4 {
      let exact = RMSNorm.reference(x[row], gain: gain, epsilon: 1e-5)
      #expect(relativeError(output.values[row], exact) < 5e-7)
      for (a, b) in zip(rounded.values[row], output.values[row]) {
        #expect(a == BFloat16(rounding: b).float)
      }
    }
    #expect(output.wallsStand && rounded.wallsStand && gains.wallsStand && scales.wallsStand)
  }

  @Test(arguments: Array(1...35) + [64, 100])
  func normBackwardIsTheDerivative(width: Int) {
    var random = RandomStream(seed: 21, stream: UInt64(width))
    let (x, dy) = (random.normals(2, width), random.normals(2, width))
    let (gain, stream) = (random.normals(width), random.normals(2, width))
    let start = random.normals(width)
    func loss(_ x: [Double], _ gain: [Double], _ dy: [Float]) -> Double {
      let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
      let r = 1 / (mean + Double(Float(1e-5))).squareRoot()
      return x.indices.reduce(0) { $0 + x[$1] * r * gain[$1] * Double(dy[$1]) }
    }
    let input = WalledMatrix<Float>(x, gap: 2)
    let gains = Walled<Float>(gain, offset: 3)
    let scales = Walled<Float>(count: 2)
    let y = WalledMatrix<Float>(rows: 2, columns: width) { _, _ in 0 }
    RMSNorm.forward(
      input.matrix, gain: gains.view, epsilon: 1e-5, into: y.matrix, scales: scales.view)
    let dx = WalledMatrix<Float>(stream, gap: 4, offset: 1)
    let gainGradient = Walled<Float>(start, offset: 6)
    RMSNorm.backward(
      input.matrix, gain: gains.view, scales: scales.view,
      gradient: WalledMatrix<Float>(dy, gap: 1).matrix, addingTo: dx.matrix,
      gainGradient: gainGradient.view)

    let gain64 = gain.map(Double.init)
    for row in 0..<2 {
      let slope = finiteDifferences(x[row].map(Double.init)) { loss($0, gain64, dy[row]) }
      let exact = zip(slope, stream[row]).map { $0 + Double($1) }
      #expect(absoluteError(dx.values[row], exact) < 3e-6)
    }
    let slope = finiteDifferences(gain64) { gain in
      (0..<2).reduce(0) { $0 + loss(x[$1].map(Double.init), gain, dy[$1]) }
    }
    #expect(absoluteError(gainGradient.values, zip(slope, start).map { $0 + Double($1) }) < 3e-6)
    #expect(dx.wallsStand && gainGradient.wallsStand)
  }

  // MARK: Rotary

  @Test(arguments: [2, 4, 8, 10, 16, 30, 32, 34, 64, 128])
  func rotationTurnsPairsOfHalves(headSize: Int) {
    let (heads, positions, start) = (3, 9, 4)
    let arena = Arena()
    let rotary = Rotary(positions: positions, headSize: headSize, base: 500, arena: arena)
    var random = RandomStream(seed: 22, stream: UInt64(headSize))
    let values = random.normals(positions - start, heads * headSize + 2)
    let x = WalledMatrix<Float>(values, gap: 3, offset: 1)
    rotary.apply(x.matrix, heads: heads, from: start)
    for row in values.indices {
      var exact = values[row].map(Double.init)
      for first in stride(from: 0, to: heads * headSize, by: headSize) {
        let head = Array(exact[first..<first + headSize])
        let turned = Rotary.reference(head, position: start + row, base: 500)
        exact.replaceSubrange(first..<first + headSize, with: turned)
      }
      #expect(absoluteError(x.values[row], exact) < 1e-6)
      #expect(x.values[row].suffix(2) == values[row].suffix(2))
    }
    rotary.apply(x.matrix, heads: heads, from: start, backward: true)
    for row in values.indices {
      #expect(absoluteError(x.values[row], values[row].map(Double.init)) < 1e-6)
    }
    #expect(x.wallsStand)
  }

  // MARK: SwiGLU

  @Test(arguments: sizes)
  func gatedUnitAndItsDerivative(width: Int) {
    var random = RandomStream(seed: 23, stream: UInt64(width))
    var gateUp = random.normals(2, 2 * width, scale: 3)
    for (index, extreme) in [Float(100), -100, 0, 30, -30].enumerated() where index < width {
      gateUp[1][index] = extreme
    }
    let dy = random.normals(2, width)
    let input = WalledMatrix<Float>(gateUp, gap: 2, offset: 1)
    let output = WalledMatrix<Float>(rows: 2, columns: width, gap: 3) { _, _ in 0 }
    let rounded = WalledMatrix<BFloat16>(rows: 2, columns: width) { _, _ in 0 }
    let gradient = WalledMatrix<Float>(rows: 2, columns: 2 * width, gap: 1) { _, _ in 0 }
    let roundedGradient = WalledMatrix<BFloat16>(rows: 2, columns: 2 * width) { _, _ in 0 }
    let upstream = WalledMatrix<Float>(dy, offset: 7)
    GatedUnit.silu.forward(input.matrix, into: output.matrix)
    GatedUnit.silu.forward(input.matrix, into: rounded.matrix)
    GatedUnit.silu.backward(input.matrix, gradient: upstream.matrix, into: gradient.matrix)
    GatedUnit.silu.backward(input.matrix, gradient: upstream.matrix, into: roundedGradient.matrix)
    for row in 0..<2 {
      for column in 0..<width {
        let (gate, up) = (Double(gateUp[row][column]), Double(gateUp[row][width + column]))
        let (s, d) = (1 / (1 + exp(-gate)), Double(dy[row][column]))
        let exact = gate * s * up
        #expect(
          abs(GatedUnit.silu.reference(gate: Float(gate), up: Float(up)) - exact) <= 1e-12
            * abs(exact))
        #expect(abs(Double(output.values[row][column]) - exact) <= 1e-6 * abs(exact) + 1e-30)
        let expected = [d * up * s * (1 + gate * (1 - s)), d * gate * s]
        for (index, value) in expected.enumerated() {
          let found = Double(gradient.values[row][index * width + column])
          #expect(abs(found - value) <= 1e-6 * (abs(value) + abs(d * up * s)) + 1e-30)
        }
      }
    }
    func expectRounded(_ found: [[Float]], _ exact: [[Float]]) {
      #expect(found == exact.map { $0.map { BFloat16(rounding: $0).float } })
    }
    expectRounded(rounded.values, output.values)
    expectRounded(roundedGradient.values, gradient.values)
    #expect(output.wallsStand && gradient.wallsStand && rounded.wallsStand)
  }

  // MARK: Embedding

  @Test func embeddingCopiesRowsAndAddsGradients() {
    var random = RandomStream(seed: 24, stream: 0)
    let tokens: [UInt32] = [4, 0, 4, 2, 9, 4, 0]
    let ids: View<UInt32> = lasting(tokens.count)
    for (index, token) in tokens.enumerated() { ids[index] = token }
    let values = random.normals(10, 19)
    let table = WalledMatrix<Float>(values, offset: 1)
    let y = WalledMatrix<Float>(rows: 7, columns: 19, gap: 2) { _, _ in 0 }
    Embedding.forward(table.matrix, tokens: ids, into: y.matrix)
    #expect(y.values == tokens.map { values[Int($0)] } && y.wallsStand)

    let dy = random.normals(7, 19)
    let upstream = WalledMatrix<Float>(dy, gap: 1)
    var exact = values.map { $0.map(Double.init) }
    for (row, token) in tokens.enumerated() {
      for column in 0..<19 { exact[Int(token)][column] += Double(dy[row][column]) }
    }
    var results: [[[Float]]] = []
    for parts in [[0..<10], [0..<1, 1..<5, 5..<5, 5..<10]] {
      let gradient = WalledMatrix<Float>(values, gap: 5)
      for part in parts {
        Embedding.backward(upstream.matrix, tokens: ids, ids: part, addingTo: gradient.matrix)
      }
      #expect(gradient.wallsStand)
      results.append(gradient.values)
    }
    #expect(results[0] == results[1])
    #expect(absoluteError(results[0].flatMap { $0 }, exact.flatMap { $0 }) < 1e-6)
  }

  @Test(arguments: 0...67)
  func additionIsElementwise(count: Int) {
    var random = RandomStream(seed: 25, stream: UInt64(count))
    let (a, b) = (random.normals(count), random.normals(count))
    let (source, target) = (Walled<Float>(a, offset: 3), Walled<Float>(b, offset: 9))
    add(source.view, to: target.view)
    #expect(target.values == zip(a, b).map { $0 + $1 })
    #expect(target.wallsStand)
  }
}
