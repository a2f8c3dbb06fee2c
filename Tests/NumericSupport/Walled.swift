package import RefluxMemory
package import RefluxRandom
internal import Synchronization

/// Memory that outlives every test: views do not keep theirs alive.
private let pool = Mutex(Arena())

/// `count` zeros that stay.
package func lasting<Element: BitwiseCopyable & Sendable>(_ count: Int) -> View<Element> {
  pool.withLock { $0.take(count) }
}

/// Elements at any alignment between two walls of NaN: a kernel that reads a wall returns NaN, one
/// that writes there brings it down.
package final class Walled<Element: Scalar> {
  package static var wall: Int { 40 }
  private let all: View<Element>
  package let view: View<Element>

  /// - Parameter offset: elements beyond a multiple of 64 bytes where the view starts.
  package init(_ values: [Float], offset: Int = 0) {
    all = lasting(values.count + 2 * Self.wall + offset)
    all.fill(Element(rounding: .nan))
    view = all.slice(Self.wall + offset, values.count)
    for (index, value) in values.enumerated() { view[index] = Element(rounding: value) }
  }

  package convenience init(count: Int, offset: Int = 0) {
    self.init([Float](repeating: 0, count: count), offset: offset)
  }

  package var values: [Float] { (0..<view.count).map { view[$0].float } }

  package var wallsStand: Bool {
    let before = (all.count - view.count - Self.wall)
    return (0..<before).allSatisfy { all[$0].float.isNaN }
      && (before + view.count..<all.count).allSatisfy { all[$0].float.isNaN }
  }
}

/// A matrix whose rows have NaN between them as well as around.
package final class WalledMatrix<Element: Scalar> {
  private let memory: Walled<Element>
  package let matrix: Matrix<Element>

  package init(rows: Int, columns: Int, gap: Int = 0, offset: Int = 0, _ fill: (Int, Int) -> Float)
  {
    let stride = columns + gap
    memory = Walled(
      [Float](repeating: .nan, count: max(0, rows * stride - gap)), offset: offset)
    matrix = Matrix(memory.view, rows: rows, columns: columns, stride: stride)
    for row in 0..<rows {
      for column in 0..<columns {
        memory.view[row * stride + column] = Element(rounding: fill(row, column))
      }
    }
  }

  package convenience init(_ values: [[Float]], gap: Int = 0, offset: Int = 0) {
    self.init(rows: values.count, columns: values.first?.count ?? 0, gap: gap, offset: offset) {
      values[$0][$1]
    }
  }

  package var values: [[Float]] {
    (0..<matrix.rows).map { row in
      (0..<matrix.columns).map { memory.view[row * matrix.rowStride + $0].float }
    }
  }

  package var wallsStand: Bool {
    guard memory.wallsStand else { return false }
    for index in 0..<memory.view.count where index % matrix.rowStride >= matrix.columns {
      if !memory.view[index].float.isNaN { return false }
    }
    return true
  }
}

extension RandomStream {
  package mutating func normals(_ count: Int, scale: Double = 1) -> [Float] {
    (0..<count).map { _ in Float(nextNormal() * scale) }
  }

  package mutating func normals(_ rows: Int, _ columns: Int, scale: Double = 1) -> [[Float]] {
    (0..<rows).map { _ in normals(columns, scale: scale) }
  }
}

/// max |a - b| / max |b|; NaN counts as infinite.
package func relativeError(_ found: [Float], _ expected: [Double]) -> Double {
  precondition(found.count == expected.count)
  let scale = expected.map(abs).max() ?? 0
  let error = zip(found, expected).map { abs(Double($0) - $1) }
  if error.contains(where: \.isNaN) { return .infinity }
  return (error.max() ?? 0) / (scale == 0 ? 1 : scale)
}

/// max |a - b|; NaN counts as infinite.
package func absoluteError(_ found: [Float], _ expected: [Double]) -> Double {
  precondition(found.count == expected.count)
  let error = zip(found, expected).map { abs(Double($0) - $1) }
  return error.contains(where: \.isNaN) ? .infinity : error.max() ?? 0
}

/// Central differences of `function` at `point`, in float64.
package func finiteDifferences(
  _ point: [Double], step: Double = 1e-5, _ function: ([Double]) -> Double
) -> [Double] {
  point.indices.map { index in
    var (above, below) = (point, point)
    above[index] += step
    below[index] -= step
    return (function(above) - function(below)) / (2 * step)
  }
}

/// All sizes around one and four vectors, then some around the blocks of 1,024.
package let sizes = Array(1...67) + [100, 127, 128, 129, 1000, 1023, 1024, 1025, 2048, 3001]
