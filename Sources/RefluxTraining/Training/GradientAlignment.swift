package import RefluxMemory
package import RefluxModel

/// Merges the gradients of two losses over the same parameters: what the second has against the
/// first is taken off it.
///
/// With a and b the gradients of all parameters, and c = a . b: a + b, or where c < 0 a + b - (c /
/// |a|^2) a, so that the product with a is |a|^2 at least. Sums are float64 over fixed slices in
/// their order.
///
/// Source: Dual-Head Knowledge Distillation, arXiv 2411.08937.
package struct GradientAlignment {
  private let products: View<Double>
  private let squares: View<Double>
  private let count: Int
  private static var slice: Int { 1 << 16 }

  /// Takes 16 bytes per 65,536 of `count` parameters.
  package init(count: Int, _ arena: Arena) {
    self.count = count
    let slices = (count + Self.slice - 1) / Self.slice
    (products, squares) = (arena.take(slices), arena.take(slices))
  }

  /// - Parameters:
  ///   - first: a, the gradient that must not be harmed.
  ///   - second: b; becomes the merged one.
  package func merge(_ first: View<Float>, into second: View<Float>, _ workers: Workers) {
    precondition(first.count == count && second.count == count)
    forEachSlice(workers) { index, places in
      var (product, square) = (0.0, 0.0)
      for place in places {
        let a = Double(first[place])
        product += a * Double(second[place])
        square += a * a
      }
      (products[index], squares[index]) = (product, square)
    }
    let factor = factor
    forEachSlice(workers) { _, places in
      for place in places {
        second[place] = Float(Double(second[place]) + factor * Double(first[place]))
      }
    }
  }

  /// How often the first gradient counts.
  private var factor: Double {
    var (product, square) = (0.0, 0.0)
    for index in 0..<products.count {
      product += products[index]
      square += squares[index]
    }
    return product < 0 ? 1 - product / square : 1
  }

  private func forEachSlice(
    _ workers: Workers, _ body: @Sendable (_ index: Int, _ places: Range<Int>) -> Void
  ) {
    workers.run(products.count) { index, _ in
      let start = index * Self.slice
      body(index, start..<min(start + Self.slice, count))
    }
  }
}
