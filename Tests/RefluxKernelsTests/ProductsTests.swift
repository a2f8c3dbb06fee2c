import NumericSupport
import RefluxKernels
import RefluxMemory
import RefluxRandom
import Testing

/// How an operand lies in memory.
private struct Layout: CustomStringConvertible {
  var transposed: Bool
  var gap: Int

  var description: String { (transposed ? "transposed" : "plain") + ", gap \(gap)" }

  /// The matrix with these values, laid out this way; NaN everywhere else.
  func place<Element: Scalar>(
    _ values: [[Float]], _: Element.Type
  ) -> (owner: WalledMatrix<Element>, matrix: Matrix<Element>) {
    let (rows, columns) = (values.count, values[0].count)
    if transposed {
      let owner = WalledMatrix<Element>(rows: columns, columns: rows, gap: gap, offset: 1) {
        values[$1][$0]
      }
      return (owner, owner.matrix.transposed)
    }
    let owner = WalledMatrix<Element>(values, gap: gap, offset: 1)
    return (owner, owner.matrix)
  }

  static let all = [false, true].flatMap { transposed in
    [0, 5].map { Layout(transposed: transposed, gap: $0) }
  }
}

struct ProductsTests {
  private func expected(_ a: [[Float]], _ b: [[Float]], plus c: [[Float]]?) -> [[Double]] {
    a.indices.map { row in
      b[0].indices.map { column in
        b.indices.reduce(Double(c?[row][column] ?? 0)) {
          $0 + Double(a[row][$1]) * Double(b[$1][column])
        }
      }
    }
  }

  /// The largest error one may expect of `inner` products: 2^-24 for each addition, `format` for
  /// the rounding of the result.
  private func check<A: Scalar, C: Scalar>(
    _ rows: Int, _ inner: Int, _ columns: Int, _: A.Type, _: C.Type, layouts: (Layout, Layout),
    accumulate: Bool, products: Products, tolerance: Double
  ) {
    var random = RandomStream(seed: 13, stream: UInt64(rows * 10_000 + inner * 100 + columns))
    // Whole sixteenths are the same in every format, so that only the sums can differ.
    func values(_ rows: Int, _ columns: Int) -> [[Float]] {
      (0..<rows).map { _ in (0..<columns).map { _ in Float(Int(random.next() % 33)) / 16 - 1 } }
    }
    let (a, b, c) = (values(rows, inner), values(inner, columns), values(rows, columns))
    let (left, right) = (layouts.0.place(a, A.self), layouts.1.place(b, A.self))
    let output = WalledMatrix<C>(c, gap: accumulate ? 3 : 0, offset: 2)
    products.multiply(left.matrix, right.matrix, into: output.matrix, accumulate: accumulate)
    let exact = expected(a, b, plus: accumulate ? c : nil)
    let error = relativeError(output.values.flatMap { $0 }, exact.flatMap { $0 })
    #expect(
      error <= tolerance,
      "\(rows)x\(inner)x\(columns) \(layouts) \(A.name), accumulate \(accumulate)")
    #expect(output.wallsStand && left.owner.wallsStand && right.owner.wallsStand)
  }

  @Test func everyLayoutOfEverySmallSize() {
    let products = Products()
    let small = [1, 2, 3, 7, 15, 16, 17, 33]
    for (index, rows) in small.enumerated() {
      for inner in small {
        for columns in [small[index], small[(index + 3) % small.count], 48] {
          for left in Layout.all {
            for right in Layout.all {
              check(
                rows, inner, columns, Float.self, Float.self, layouts: (left, right),
                accumulate: (rows + inner + left.gap) % 2 == 0, products: products,
                tolerance: 1e-6)
            }
          }
        }
      }
    }
  }

  @Test(
    .enabled(if: Products.supportsBFloat16),
    arguments: [(1, 1, 1), (3, 5, 7), (16, 16, 16), (17, 33, 9), (64, 48, 80), (5, 300, 21)])
  func bfloat16Operands(rows: Int, inner: Int, columns: Int) {
    let products = Products()
    for left in Layout.all {
      for right in Layout.all {
        for accumulate in [false, true] {
          check(
            rows, inner, columns, BFloat16.self, Float.self, layouts: (left, right),
            accumulate: accumulate, products: products, tolerance: 2e-6)
        }
        check(
          rows, inner, columns, BFloat16.self, BFloat16.self, layouts: (left, right),
          accumulate: false, products: products, tolerance: 1.0 / 256)
      }
    }
  }

  @Test(arguments: [(128, 300, 513), (257, 64, 67)])
  func largerSizes(rows: Int, inner: Int, columns: Int) {
    let products = Products()
    for left in Layout.all {
      for right in Layout.all {
        check(
          rows, inner, columns, Float.self, Float.self, layouts: (left, right), accumulate: true,
          products: products, tolerance: 1e-6)
      }
    }
  }

  @Test func fastProductsAreThere() {
    #expect(Products.supportsBFloat16 || !Products.hasFastBFloat16)
  }

  @Test func noRowsOrColumnsIsNoWork() {
    let memory = Walled<Float>([1, 2, 3, 4])
    let empty = Matrix(memory.view, rows: 0, columns: 2)
    let square = Matrix(memory.view, rows: 2, columns: 2)
    Products().multiply(empty, square, into: empty)
    #expect(memory.values == [1, 2, 3, 4])
  }

  /// What makes losses independent of the number of workers.
  @Test func anyObjectGivesTheSameBits() {
    var random = RandomStream(seed: 14, stream: 0)
    let a = WalledMatrix<Float>(random.normals(130, 96))
    let b = WalledMatrix<Float>(random.normals(96, 70))
    let outputs = (0..<3).map { _ in
      let c = WalledMatrix<Float>(rows: 130, columns: 70) { _, _ in 0 }
      Products().multiply(a.matrix, b.matrix, into: c.matrix)
      return c.values
    }
    #expect(outputs[0] == outputs[1] && outputs[1] == outputs[2])
  }

  @Test func sizesThatDoNotFitTrap() async {
    await #expect(processExitsWith: .failure) {
      let memory = Walled<Float>(count: 12)
      let a = Matrix(memory.view, rows: 3, columns: 4)
      Products().multiply(a, a, into: a)
    }
  }
}
