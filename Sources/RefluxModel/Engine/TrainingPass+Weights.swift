internal import RefluxKernels
internal import RefluxMemory

/// Rows of the gradient of one of a layer's matrices, as they lie in memory.
struct WeightSlice {
  enum Target { case expansion, down, projection, output }

  var target: Target
  var start: Int
  var count: Int

  /// Rows of a slice.
  private static var size: Int { 256 }

  /// All slices of a layer; every layer has the same.
  static func all(of layer: ParameterTable.Layer) -> [WeightSlice] {
    [
      (Target.expansion, layer.expansion), (.down, layer.down), (.projection, layer.projection),
      (.output, layer.output),
    ].flatMap { target, linear in
      let rows = linear.isTransposed ? linear.inputs : linear.outputs
      return stride(from: 0, to: rows, by: size).map { start in
        WeightSlice(target: target, start: start, count: min(size, rows - start))
      }
    }
  }
}

extension TrainingPass {
  /// dW = dy^T x for the four matrices of a layer, by slices of their rows.
  func weightGradients(_ index: Int) {
    decoder.workers.run(weightSlices.count) { share, worker in
      let (layer, a) = (decoder.table.layers[index], activations.layers[index])
      let slice = weightSlices[share]
      switch slice.target {
      case .expansion: multiply(slice, layer.expansion, flow.expanded, a.middleNormed, worker)
      case .down: multiply(slice, layer.down, flow.outputOperand, a.activated, worker)
      case .projection: multiply(slice, layer.projection, flow.projections, a.normed, worker)
      case .output: multiply(slice, layer.output, flow.middleOperand, a.attended, worker)
      }
    }
  }

  /// As the matrix lies in memory: its rows are outputs, or inputs where it is transposed.
  private func multiply(
    _ slice: WeightSlice, _ linear: ParameterTable.Linear, _ dy: Matrix<Element>,
    _ x: Matrix<Element>, _ worker: Int
  ) {
    let (rows, columns) = linear.isTransposed ? (x, dy) : (dy, x)
    let gradient = Matrix(
      gradients.slice(linear.offset, linear.outputs * linear.inputs), rows: rows.columns,
      columns: columns.columns)
    decoder.scratch[worker].products.multiply(
      rows.columns(slice.start, slice.count).transposed, columns,
      into: gradient.rows(slice.start, slice.count))
  }
}
