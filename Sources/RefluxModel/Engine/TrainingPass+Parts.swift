internal import RefluxKernels
internal import RefluxLosses
internal import RefluxMemory

// The derivatives of the parts in `Decoder+Parts.swift`, and the sums over rows and windows.
extension TrainingPass {
  /// A window's share of the gradient of a gain or bias.
  private func share(_ vector: ParameterTable.Vector, _ share: Int) -> View<Float> {
    flow.vectors.row(share).slice(vector.column, vector.count)
  }

  /// Keeps logits within the model's cap, where it has one.
  func cap(_ logits: Matrix<Float>) {
    guard let limit = decoder.configuration.logitSoftcap else { return }
    for row in 0..<logits.rows { Softcap(limit: limit).apply(logits.row(row)) }
  }

  /// The loss of the logits within their cap; its gradients become those of the logits before it.
  func throughSoftcap(
    _ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int, _ loss: RowLoss
  ) -> Double {
    guard let limit = decoder.configuration.logitSoftcap,
      let slopes = decoder.scratch[worker].logitSlopes
    else { return loss(rows, logits, worker) }
    for row in 0..<logits.rows {
      Softcap(limit: limit).apply(logits.row(row))
      Softcap(limit: limit).slopes(logits.row(row), into: slopes.row(row))
    }
    let total = loss(rows, logits, worker)
    for row in 0..<logits.rows { logits.row(row).multiply(by: slopes.row(row)) }
    return total
  }

  /// d of what a layer's last matrix computes, as an operand: d stream, or d before the norm.
  func writeBackward(
    _ linear: ParameterTable.Linear, _ norm: ParameterTable.Norm?, _ unnormed: UnnormedOutput,
    gradient stream: Matrix<Float>, into operand: Matrix<Element>, _ share: Int, _ worker: Int
  ) {
    var gradient = stream
    if let norm {
      gradient = decoder.scratch[worker].normedGradient.rows(0, window)
      gradient.elements.copy(from: stream.elements)
      RMSNorm.backward(
        unnormed.values, gain: decoder.values(norm.gain), offset: decoder.gainOffset,
        scales: unnormed.scales, replacing: gradient, gainGradient: self.share(norm.gain, share))
    }
    convert(gradient.elements, into: operand.elements)
    addBias(linear, gradient: gradient, share)
  }

  func normBackward(
    _ x: Matrix<Float>, _ norm: ParameterTable.Norm, _ scales: View<Float>,
    gradient dy: Matrix<Float>, addingTo dx: Matrix<Float>, _ share: Int
  ) {
    let (gain, gainGradient) = (decoder.values(norm.gain), self.share(norm.gain, share))
    if let bias = norm.bias {
      LayerNorm.backward(
        x, gain: gain, scales: scales, gradient: dy, addingTo: dx, gainGradient: gainGradient,
        biasGradient: self.share(bias, share))
    } else {
      RMSNorm.backward(
        x, gain: gain, offset: decoder.gainOffset, scales: scales, gradient: dy, addingTo: dx,
        gainGradient: gainGradient)
    }
  }

  /// d of the normalised heads of queries and keys becomes d of the raw ones, in place.
  func headNormsBackward(
    _ a: LayerActivations<Element>, _ norms: ParameterTable.HeadNorms,
    _ projections: Matrix<Float>, _ share: Int
  ) {
    let c = decoder.configuration
    for head in 0..<c.heads + c.keyHeads {
      let norm = head < c.heads ? norms.queries : norms.keys
      RMSNorm.backward(
        a.rawHeads.columns(head * c.headSize, c.headSize), gain: decoder.values(norm),
        scales: a.headScales.slice(head * window, window),
        replacing: projections.columns(head * c.headSize, c.headSize),
        gainGradient: self.share(norm, share))
    }
  }

  /// db += the sum of the rows of dy, where there is a bias.
  func addBias<Format: Scalar>(
    _ linear: ParameterTable.Linear, gradient dy: Matrix<Format>, _ share: Int
  ) {
    if let bias = linear.bias { Bias.backward(dy, addingTo: self.share(bias, share)) }
  }

  /// Adds the windows' shares of a vector's gradient in the order of the windows.
  func sumShares(_ vector: ParameterTable.Vector) {
    let target = gradients.slice(vector.offset, vector.count)
    target.fill(0)
    for index in 0..<windows { add(share(vector, index), to: target) }
  }

  /// d embedding += d stream at each token; an untied embedding starts from 0.
  func embeddingBackward() {
    let (c, table) = (decoder.configuration, decoder.table)
    let target = Matrix(
      gradients.slice(table.embedding, c.vocabularySize * c.hiddenSize), rows: c.vocabularySize,
      columns: c.hiddenSize)
    if c.scalesEmbedding { flow.stream.elements.multiply(by: decoder.embeddingScale) }
    let shares = 16
    let size = (c.vocabularySize + shares - 1) / shares
    decoder.workers.run(shares) { share, _ in
      let start = min(share * size, c.vocabularySize)
      let count = min(size, c.vocabularySize - start)
      if !c.tiedHead { target.rows(start, count).elements.fill(0) }
      Embedding.backward(
        flow.stream, tokens: tokens, ids: start..<start + count,
        addingTo: target)
    }
    if let positions = table.positions { positionsBackward(positions) }
  }

  /// d position = the sum over documents of d stream there; 0 where none reaches.
  private func positionsBackward(_ offset: Int) {
    let (c, d) = (decoder.configuration, decoder.configuration.hiddenSize)
    let target = Matrix(
      gradients.slice(offset, c.positions * d), rows: c.positions, columns: d)
    target.elements.fill(0)
    for row in 0..<rows { add(flow.stream.row(row), to: target.row(starts.position(ofRow: row))) }
  }
}
