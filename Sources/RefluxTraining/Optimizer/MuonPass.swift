internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel

/// Muon over the matrices of a model's layers, one layer at a time.
///
/// Queries, keys, values, gate and up are orthogonalised each by itself, though they lie stacked
/// for the products. All matrices of a layer go together from operation to operation, cut into
/// slices of rows that follow from the sizes alone: any number of workers gives the same bits.
/// Products take operands of the run's number format; sums, norms and momentum are float32.
///
/// - Complexity: with m the shorter and n the longer side of a matrix, 20 m^2 n + 10 m^3 operations
///   a step. Memory: for one layer 4 + s bytes per element of its matrices, with s the size of
///   `Element`, and 8 m^2 per matrix; the momentum is the optimiser's.
@safe
final class MuonPass<Element: Scalar>: MatrixUpdate, @unchecked Sendable {
  // Safe because: shares write to disjoint rows, each with its worker's own products.
  private let muon: Muon
  private let model: any LanguageModel
  private let products: [Products]
  private let matrices: [MuonMatrix<Element>]
  /// Rows of the matrices, and of their Gram matrices.
  private let rowSlices, gramSlices: [Slice]
  /// The sum of squares of each slice of rows.
  private let squares: View<Double>
  private let arena = Arena()

  private struct Slice {
    var matrix: Int
    var start: Int
    var count: Int
  }

  init(_ model: any LanguageModel, muon: Muon) {
    let arena = self.arena
    self.muon = muon
    self.model = model
    products = (0..<model.workers.count).map { _ in Products() }
    matrices = model.table.layers[0].matrices.map { MuonMatrix($0, arena: arena) }
    rowSlices = Self.slices(matrices.map(\.values.rows))
    gramSlices = Self.slices(matrices.map(\.gram.rows))
    squares = arena.take(rowSlices.count)
  }

  /// Bytes beside the momentum.
  var byteCount: Int { arena.byteCount }

  private static func slices(_ rows: [Int]) -> [Slice] {
    let size = 128
    return rows.enumerated().flatMap { matrix, rows in
      stride(from: 0, to: rows, by: size).map { start in
        Slice(matrix: matrix, start: start, count: min(size, rows - start))
      }
    }
  }

  func update(_ gradients: View<Float>, m: View<Float>, _ update: MatrixStep) {
    for layer in model.table.layers {
      blend(layer, gradients, m, clip: update.clip)
      normalize()
      for _ in 0..<muon.iterations { iterate() }
      apply(layer, update)
    }
  }

  private func forEach(_ slices: [Slice], _ body: @Sendable (Int, Slice, Int) -> Void) {
    model.workers.run(slices.count) { share, worker in body(share, slices[share], worker) }
  }

  private func blend(
    _ layer: ParameterTable.Layer, _ gradients: View<Float>, _ m: View<Float>, clip: Float
  ) {
    forEach(rowSlices) { share, slice, _ in
      let place = layer.matrices[slice.matrix]
      squares[share] = muon.blend(
        gradient: place.rows(of: gradients, slice.start, slice.count),
        m: place.rows(of: m, slice.start, slice.count),
        into: matrices[slice.matrix].values.rows(slice.start, slice.count), clip: clip)
    }
    for matrix in matrices.indices { matrices[matrix].squares.fill(0) }
    for share in rowSlices.indices {
      matrices[rowSlices[share].matrix].squares[0] += squares[share]
    }
  }

  private func normalize() {
    forEach(rowSlices) { _, slice, _ in
      let matrix = matrices[slice.matrix]
      matrix.values.rows(slice.start, slice.count).elements.multiply(
        by: muon.factor(sumOfSquares: matrix.squares[0]))
    }
  }

  /// values = a X + b G X + c G^2 X for a wide X with G = X X^T; a X + b X G + c X G^2 for a tall
  /// one with G = X^T X.
  private func iterate() {
    forEach(rowSlices) { _, slice, _ in
      let matrix = matrices[slice.matrix]
      muon.open(
        matrix.values.rows(slice.start, slice.count).elements,
        into: matrix.operand.rows(slice.start, slice.count).elements)
    }
    forEach(gramSlices) { _, slice, worker in
      matrices[slice.matrix].fillGram(slice.start, slice.count, products[worker])
    }
    forEach(gramSlices) { _, slice, worker in
      matrices[slice.matrix].fillFactor(slice.start, slice.count, muon, products[worker])
    }
    forEach(rowSlices) { _, slice, worker in
      matrices[slice.matrix].multiply(slice.start, slice.count, products[worker])
    }
  }

  private func apply(_ layer: ParameterTable.Layer, _ update: MatrixStep) {
    forEach(rowSlices) { _, slice, _ in
      let place = layer.matrices[slice.matrix]
      muon.apply(
        matrices[slice.matrix].values.rows(slice.start, slice.count),
        to: place.rows(of: model.weights, slice.start, slice.count),
        largest: max(place.rows, place.columns), rate: update.rate, decay: update.decay)
      for row in slice.start..<slice.start + slice.count {
        model.weightsChanged(from: place.offset + row * place.stride, place.columns)
      }
    }
  }
}

/// An update of the layers' matrices in a format of operands that is known when a run is set up.
protocol MatrixUpdate: Sendable {
  /// One update of all matrices.
  ///
  /// - Parameters:
  ///   - gradients, m: laid out as the model's table.
  func update(_ gradients: View<Float>, m: View<Float>, _ update: MatrixStep)
}

/// What decides one update of matrices.
struct MatrixStep {
  var rate: Float
  var decay: Float
  var clip: Float
}

extension ParameterTable.HiddenMatrix {
  /// Some of its rows in an array laid out as the table.
  func rows(of values: View<Float>, _ start: Int, _ count: Int) -> Matrix<Float> {
    Matrix(
      values.slice(offset, (rows - 1) * stride + columns), rows: rows, columns: columns,
      stride: stride
    ).rows(start, count)
  }
}
