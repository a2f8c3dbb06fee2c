import Foundation
import NumericSupport
import RefluxKernels
import RefluxMemory
import RefluxRandom
import Testing

/// The layers that only some families have.
struct FamilyLayerTests {
  // MARK: LayerNorm

  @Test(arguments: sizes)
  func layerNormAgreesWithReference(width: Int) {
    var random = RandomStream(seed: 60, stream: UInt64(width))
    // A row far from 0, one of a single value.
    let x =
      random.normals(2, width) + [random.normals(width).map { $0 + 300 }]
      + [[Float](repeating: 2, count: width)]
    let (gain, bias) = (random.normals(width), random.normals(width))
    let input = WalledMatrix<Float>(x, gap: 3, offset: 1)
    let (gains, biases) = (Walled<Float>(gain, offset: 2), Walled<Float>(bias, offset: 5))
    let scales = Walled<Float>(count: 4)
    let output = WalledMatrix<Float>(rows: 4, columns: width, gap: 1, offset: 5) { _, _ in 0 }
    let rounded = WalledMatrix<BFloat16>(rows: 4, columns: width, gap: 1) { _, _ in 0 }
    LayerNorm.forward(
      input.matrix, gain: gains.view, bias: biases.view, epsilon: 1e-5, into: output.matrix,
      scales: scales.view)
    LayerNorm.forward(
      input.matrix, gain: gains.view, bias: biases.view, epsilon: 1e-5, into: rounded.matrix,
      scales: scales.view)
    for row in 0..<4 {
      let exact = LayerNorm.reference(x[row], gain: gain, bias: bias, epsilon: 1e-5)
      #expect(absoluteError(output.values[row], exact) < (row == 2 ? 4e-4 : 6e-6))
      for (a, b) in zip(rounded.values[row], output.values[row]) {
        #expect(a == BFloat16(rounding: b).float)
      }
    }
    #expect(output.wallsStand && rounded.wallsStand && scales.wallsStand)
  }

  @Test(arguments: Array(2...35) + [64, 100])
  func layerNormBackwardIsTheDerivative(width: Int) {
    var random = RandomStream(seed: 61, stream: UInt64(width))
    let (x, dy) = (random.normals(2, width), random.normals(2, width))
    let (gain, stream) = (random.normals(width), random.normals(2, width))
    let zeros = [Float](repeating: 0, count: width)
    func loss(_ x: [Double], _ gain: [Double], _ bias: [Double], _ dy: [Float]) -> Double {
      let mean = x.reduce(0, +) / Double(x.count)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
      let r = 1 / (variance + Double(Float(1e-5))).squareRoot()
      return x.indices.reduce(0) {
        $0 + ((x[$1] - mean) * r * gain[$1] + bias[$1]) * Double(dy[$1])
      }
    }
    let input = WalledMatrix<Float>(x, gap: 2)
    let gains = Walled<Float>(gain, offset: 3)
    let scales = Walled<Float>(count: 2)
    let y = WalledMatrix<Float>(rows: 2, columns: width) { _, _ in 0 }
    LayerNorm.forward(
      input.matrix, gain: gains.view, bias: Walled<Float>(zeros).view, epsilon: 1e-5,
      into: y.matrix, scales: scales.view)
    let dx = WalledMatrix<Float>(stream, gap: 4, offset: 1)
    let (gainGradient, biasGradient) = (Walled<Float>(gain, offset: 6), Walled<Float>(gain))
    LayerNorm.backward(
      input.matrix, gain: gains.view, scales: scales.view,
      gradient: WalledMatrix<Float>(dy, gap: 1).matrix, addingTo: dx.matrix,
      gainGradient: gainGradient.view, biasGradient: biasGradient.view)

    let (gain64, zeros64) = (gain.map(Double.init), zeros.map(Double.init))
    for row in 0..<2 {
      let slope = finiteDifferences(x[row].map(Double.init)) { loss($0, gain64, zeros64, dy[row]) }
      let exact = zip(slope, stream[row]).map { $0 + Double($1) }
      // Two columns that nearly agree have a steep slope.
      let scale = max(1, slope.map(abs).max() ?? 0)
      #expect(absoluteError(dx.values[row], exact) < 1e-5 * scale)
    }
    func both(_ gain: [Double], _ bias: [Double]) -> Double {
      (0..<2).reduce(0) { $0 + loss(x[$1].map(Double.init), gain, bias, dy[$1]) }
    }
    let ofGain = finiteDifferences(gain64) { both($0, zeros64) }
    let ofBias = finiteDifferences(zeros64) { both(gain64, $0) }
    let start = gain.map(Double.init)
    #expect(absoluteError(gainGradient.values, zip(ofGain, start).map { $0 + $1 }) < 1e-5)
    #expect(absoluteError(biasGradient.values, zip(ofBias, start).map { $0 + $1 }) < 1e-5)
    #expect(dx.wallsStand && gainGradient.wallsStand && biasGradient.wallsStand)
  }

  /// The form that puts dx where dy was adds nothing to it.
  @Test(arguments: [1, 8, 15, 16, 17, 40])
  func normBackwardInPlaceIsTheSame(width: Int) {
    var random = RandomStream(seed: 62, stream: UInt64(width))
    let (x, dy, gain) = (random.normals(3, width), random.normals(3, width), random.normals(width))
    let (input, gains) = (WalledMatrix<Float>(x), Walled<Float>(gain))
    let scales = Walled<Float>([0.5, 1.5, 2])
    let added = WalledMatrix<Float>(rows: 3, columns: width) { _, _ in 0 }
    let inPlace = WalledMatrix<Float>(dy, gap: 2)
    let (first, second) = (Walled<Float>(count: width), Walled<Float>(count: width))
    RMSNorm.backward(
      input.matrix, gain: gains.view, scales: scales.view,
      gradient: WalledMatrix<Float>(dy).matrix, addingTo: added.matrix, gainGradient: first.view)
    RMSNorm.backward(
      input.matrix, gain: gains.view, scales: scales.view, replacing: inPlace.matrix,
      gainGradient: second.view)
    #expect(inPlace.values == added.values && first.values == second.values)
    #expect(inPlace.wallsStand)
  }

  // MARK: GELU

  @Test(arguments: [GELU.exact, .tanh], sizes)
  func unitAndItsDerivative(gelu: GELU, width: Int) {
    var random = RandomStream(seed: 63, stream: UInt64(width))
    var x = random.normals(2, width, scale: 2)
    for (index, extreme) in [Float(0), 100, -100, 12, -12, -6, 5].enumerated() where index < width {
      x[1][index] = extreme
    }
    let dy = random.normals(2, width)
    let input = WalledMatrix<Float>(x, gap: 2, offset: 1)
    let output = WalledMatrix<Float>(rows: 2, columns: width, gap: 3) { _, _ in 0 }
    let rounded = WalledMatrix<BFloat16>(rows: 2, columns: width) { _, _ in 0 }
    let gradient = WalledMatrix<Float>(rows: 2, columns: width, gap: 1) { _, _ in 0 }
    let roundedGradient = WalledMatrix<BFloat16>(rows: 2, columns: width) { _, _ in 0 }
    let upstream = WalledMatrix<Float>(dy, offset: 7)
    gelu.forward(input.matrix, into: output.matrix)
    gelu.forward(input.matrix, into: rounded.matrix)
    gelu.backward(input.matrix, gradient: upstream.matrix, into: gradient.matrix)
    gelu.backward(input.matrix, gradient: upstream.matrix, into: roundedGradient.matrix)
    for row in 0..<2 {
      for column in 0..<width {
        let (value, d) = (Double(x[row][column]), Double(dy[row][column]))
        let exact = gelu.reference(value)
        #expect(abs(Double(output.values[row][column]) - exact) <= 1e-6 * max(abs(value), 1e-3))
        let slope = (gelu.reference(value + 1e-6) - gelu.reference(value - 1e-6)) / 2e-6
        #expect(abs(Double(gradient.values[row][column]) - d * slope) <= 4e-6 * (abs(d) + 0.01))
        #expect(rounded.values[row][column] == BFloat16(rounding: output.values[row][column]).float)
        #expect(
          roundedGradient.values[row][column]
            == BFloat16(rounding: gradient.values[row][column]).float)
      }
    }
    #expect(output.wallsStand && gradient.wallsStand && rounded.wallsStand)
  }

  @Test func formsOfTheUnitDiffer() {
    #expect(abs(GELU.exact.reference(1) - 0.841344746) < 1e-9)
    #expect(abs(GELU.tanh.reference(1) - 0.841191991) < 1e-9)
  }

  // MARK: GeGLU

  @Test(arguments: [1, 15, 16, 17, 40, 129])
  func gatedUnitAndItsDerivative(width: Int) {
    var random = RandomStream(seed: 66, stream: UInt64(width))
    let (gateUp, dy) = (random.normals(2, 2 * width, scale: 2), random.normals(2, width))
    let input = WalledMatrix<Float>(gateUp, gap: 2, offset: 1)
    let output = WalledMatrix<Float>(rows: 2, columns: width, gap: 3) { _, _ in 0 }
    let rounded = WalledMatrix<BFloat16>(rows: 2, columns: width) { _, _ in 0 }
    let gradient = WalledMatrix<Float>(rows: 2, columns: 2 * width, gap: 1) { _, _ in 0 }
    let roundedGradient = WalledMatrix<BFloat16>(rows: 2, columns: 2 * width) { _, _ in 0 }
    let upstream = WalledMatrix<Float>(dy, offset: 7)
    GatedUnit.gelu.forward(input.matrix, into: output.matrix)
    GatedUnit.gelu.forward(input.matrix, into: rounded.matrix)
    GatedUnit.gelu.backward(input.matrix, gradient: upstream.matrix, into: gradient.matrix)
    GatedUnit.gelu.backward(input.matrix, gradient: upstream.matrix, into: roundedGradient.matrix)
    for row in 0..<2 {
      for column in 0..<width {
        let (gate, up) = (gateUp[row][column], gateUp[row][width + column])
        let exact = GatedUnit.gelu.reference(gate: gate, up: up)
        #expect(abs(Double(output.values[row][column]) - exact) <= 2e-6 * (1 + abs(exact)))
        let slopes = finiteDifferences([Double(gate), Double(up)]) {
          GELU.tanh.reference($0[0]) * $0[1] * Double(dy[row][column])
        }
        for (part, slope) in slopes.enumerated() {
          let found = Double(gradient.values[row][part * width + column])
          #expect(abs(found - slope) <= 5e-6 * (1 + abs(slope)))
        }
      }
    }
    #expect(rounded.values == output.values.map { $0.map { BFloat16(rounding: $0).float } })
    #expect(
      roundedGradient.values == gradient.values.map { $0.map { BFloat16(rounding: $0).float } })
    #expect(output.wallsStand && gradient.wallsStand && rounded.wallsStand)
  }

  // MARK: Softcap and offsets of gains

  @Test(arguments: sizes)
  func softcapAndItsSlopes(count: Int) {
    var random = RandomStream(seed: 67, stream: UInt64(count))
    var x = random.normals(count, scale: 20)
    for (index, extreme) in [Float(0), 1e4, -1e4, 300].enumerated() where index < count {
      x[index] = extreme
    }
    let cap = Softcap(limit: 30)
    let (values, slopes) = (Walled<Float>(x, offset: 1), Walled<Float>(count: count, offset: 2))
    cap.apply(values.view)
    cap.slopes(values.view, into: slopes.view)
    #expect(absoluteError(values.values, x.map { cap.reference(Double($0)) }) < 1e-5)
    let exact = x.map { 1 - tanh(Double($0) / 30) * tanh(Double($0) / 30) }
    #expect(absoluteError(slopes.values, exact) < 1e-6)
    let products = zip(values.values, slopes.values).map { $0 * $1 }
    values.view.multiply(by: slopes.view)
    #expect(values.values == products && values.wallsStand && slopes.wallsStand)
  }

  /// Gains that are stored as what they differ from 1 by give what the whole gains give.
  @Test(arguments: [1, 16, 17, 40])
  func offsetsOfGainsAreAdded(width: Int) {
    var random = RandomStream(seed: 68, stream: UInt64(width))
    let (x, dy) = (random.normals(2, width), random.normals(2, width))
    let stored = random.normals(width)
    let (input, upstream) = (WalledMatrix<Float>(x), WalledMatrix<Float>(dy))
    func results(_ gain: [Float], _ offset: Float) -> [[Float]] {
      let (gains, scales) = (Walled<Float>(gain), Walled<Float>(count: 2))
      let y = WalledMatrix<Float>(rows: 2, columns: width) { _, _ in 0 }
      let dx = WalledMatrix<Float>(rows: 2, columns: width) { _, _ in 0 }
      let (inPlace, slopes) = (WalledMatrix<Float>(dy), Walled<Float>(count: width))
      RMSNorm.forward(
        input.matrix, gain: gains.view, offset: offset, epsilon: 1e-5, into: y.matrix,
        scales: scales.view)
      RMSNorm.backward(
        input.matrix, gain: gains.view, offset: offset, scales: scales.view,
        gradient: upstream.matrix, addingTo: dx.matrix, gainGradient: slopes.view)
      RMSNorm.backward(
        input.matrix, gain: gains.view, offset: offset, scales: scales.view,
        replacing: inPlace.matrix, gainGradient: Walled<Float>(count: width).view)
      return y.values + dx.values + inPlace.values + [slopes.values]
    }
    #expect(results(stored, 1) == results(stored.map { $0 + 1 }, 0))
  }

  // MARK: Bias

  @Test(arguments: sizes)
  func biasIsAddedToRowsAndItsGradientSumsThem(width: Int) {
    var random = RandomStream(seed: 64, stream: UInt64(width))
    let (y, bias) = (random.normals(3, width), random.normals(width))
    let (values, biases) = (
      WalledMatrix<Float>(y, gap: 2, offset: 3), Walled<Float>(bias, offset: 1)
    )
    Bias.add(biases.view, to: values.matrix)
    #expect(values.values == y.map { zip($0, bias).map { $0 + $1 } } && values.wallsStand)
    let (whole, half) = (WalledMatrix<Float>(y, gap: 1), WalledMatrix<BFloat16>(y, gap: 1))
    let (first, second) = (Walled<Float>(bias, offset: 2), Walled<Float>(bias))
    Bias.backward(whole.matrix, addingTo: first.view)
    Bias.backward(half.matrix, addingTo: second.view)
    #expect(first.values == y.reduce(bias) { zip($0, $1).map { $0 + $1 } })
    #expect(second.values == half.values.reduce(bias) { zip($0, $1).map { $0 + $1 } })
    #expect(first.wallsStand && second.wallsStand)
  }

  // MARK: Rotary scaling

  /// By the published formulas, pair by pair.
  @Test(arguments: [8, 64, 128])
  func scalingsFollowTheirFormulas(headSize: Int) {
    let base = 10_000.0
    let plain = RotaryScaling.none.frequencies(headSize: headSize, base: base)
    let linear = RotaryScaling.linear(factor: 4).frequencies(headSize: headSize, base: base)
    let llama3 = RotaryScaling.llama3(factor: 8, low: 1, high: 4, originalPositions: 8192)
      .frequencies(headSize: headSize, base: base)
    let yarn = YaRN(factor: 4, originalPositions: 2048)
    let stretched = RotaryScaling.yarn(yarn).frequencies(headSize: headSize, base: base)
    func pair(_ turns: Double) -> Double {
      Double(headSize) * log(2048 / (turns * 2 * .pi)) / (2 * log(base))
    }
    let (start, end) = (max(pair(32).rounded(.down), 0), pair(1).rounded(.up))
    for index in 0..<headSize / 2 {
      let exact = pow(base, -2 * Double(index) / Double(headSize))
      #expect(abs(plain[index] / exact - 1) < 1e-12)
      #expect(abs(linear[index] * 4 / exact - 1) < 1e-12)
      let length = 2 * Double.pi / exact
      let smooth = (8192 / length - 1) / 3
      let mixed = (1 - smooth) * exact / 8 + smooth * exact
      let expected = length < 2048 ? exact : length > 8192 ? exact / 8 : mixed
      #expect(abs(llama3[index] / expected - 1) < 1e-12)
      let ramp = min(max((Double(index) - start) / (end - start), 0), 1)
      #expect(abs(stretched[index] / (exact * (1 - ramp) + exact / 4 * ramp) - 1) < 1e-12)
    }
    #expect(abs(yarn.magnitude - 1.138629436) < 1e-9)
    #expect(RotaryScaling.yarn(yarn).magnitude == yarn.magnitude)
    #expect(RotaryScaling.linear(factor: 4).magnitude == 1)
  }

  /// A magnitude lengthens what is turned, forward and in the gradient.
  @Test func magnitudeScalesTheRotation() {
    let arena = Arena()
    var yarn = YaRN(factor: 1, originalPositions: 64)
    yarn.magnitude = 1.5
    let plain = Rotary(positions: 9, headSize: 10, base: 50, arena: arena)
    let scaled = Rotary(
      positions: 9, headSize: 10, base: 50, scaling: .yarn(yarn), arena: arena)
    var random = RandomStream(seed: 65, stream: 0)
    let values = random.normals(9, 20)
    for backward in [false, true] {
      let (x, y) = (WalledMatrix<Float>(values), WalledMatrix<Float>(values))
      plain.apply(x.matrix, heads: 2, backward: backward)
      scaled.apply(y.matrix, heads: 2, backward: backward)
      let expected = x.values.flatMap { $0.map { 1.5 * Double($0) } }
      #expect(absoluteError(y.values.flatMap { $0 }, expected) < 1e-6)
    }
  }
}
