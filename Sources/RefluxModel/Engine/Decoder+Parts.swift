internal import RefluxKernels
internal import RefluxMemory

// The parts of a block with their weights, on one worker; ``TrainingPass`` has their derivatives.
extension Decoder {
  /// A gain or bias.
  func values(_ vector: ParameterTable.Vector) -> View<Float> {
    weights.slice(vector.offset, vector.count)
  }

  /// W as an operand: outputs x inputs, however it lies in memory.
  func matrix(_ linear: ParameterTable.Linear) -> Matrix<Element> {
    linear.isTransposed
      ? matrix(linear.offset, linear.inputs, linear.outputs).transposed
      : matrix(linear.offset, linear.outputs, linear.inputs)
  }

  /// y = x W^T + b, or y += x W^T + b.
  func multiply(
    _ x: Matrix<Element>, _ linear: ParameterTable.Linear, into y: Matrix<Float>,
    accumulate: Bool = false, _ worker: Int
  ) {
    scratch[worker].products.multiply(
      x, matrix(linear).transposed, into: y, accumulate: accumulate)
    if let bias = linear.bias { Bias.add(values(bias), to: y) }
  }

  /// What is added to stored gains.
  var gainOffset: Float { configuration.gainsAreOffsets ? 1 : 0 }

  /// y = stream + x W^T + b, or y = stream + norm(x W^T + b).
  func write(
    _ x: Matrix<Element>, _ linear: ParameterTable.Linear, _ norm: ParameterTable.Norm?,
    _ unnormed: UnnormedOutput, onto stream: Matrix<Float>, into y: Matrix<Float>, _ worker: Int
  ) {
    guard let norm else {
      y.elements.copy(from: stream.elements)
      return multiply(x, linear, into: y, accumulate: true, worker)
    }
    multiply(x, linear, into: unnormed.values, worker)
    normalize(unnormed.values, norm, into: y, scales: unnormed.scales)
    add(stream.elements, to: y.elements)
  }

  /// y = norm(x).
  func normalize<Format: Scalar>(
    _ x: Matrix<Float>, _ norm: ParameterTable.Norm, into y: Matrix<Format>,
    scales: View<Float>
  ) {
    let (gain, epsilon) = (values(norm.gain), configuration.normEpsilon)
    if let bias = norm.bias {
      LayerNorm.forward(
        x, gain: gain, bias: values(bias), epsilon: epsilon, into: y, scales: scales)
    } else {
      RMSNorm.forward(
        x, gain: gain, offset: gainOffset, epsilon: epsilon, into: y, scales: scales)
    }
  }

  /// The heads of queries and keys in `a.projections` are normalised in place; their values before
  /// stay in `a.rawHeads`.
  func normalizeHeads(_ a: LayerActivations<Element>, _ norms: ParameterTable.HeadNorms) {
    let (c, rows) = (configuration, a.projections.rows)
    for row in 0..<rows {
      a.rawHeads.row(row).copy(from: a.projections.row(row).slice(0, a.rawHeads.columns))
    }
    for head in 0..<c.heads + c.keyHeads {
      let (column, width) = (head * c.headSize, c.headSize)
      RMSNorm.forward(
        a.rawHeads.columns(column, width),
        gain: values(head < c.heads ? norms.queries : norms.keys), epsilon: c.normEpsilon,
        into: a.projections.columns(column, width), scales: a.headScales.slice(head * rows, rows))
    }
  }

  /// y = the unit of the feed-forward layer at x.
  func activate(_ x: Matrix<Float>, into y: Matrix<Element>) {
    switch configuration.feedForward {
    case .swiGLU: GatedUnit.silu.forward(x, into: y)
    case .geGLU: GatedUnit.gelu.forward(x, into: y)
    case .gelu(let gelu): gelu.forward(x, into: y)
    }
  }
}
