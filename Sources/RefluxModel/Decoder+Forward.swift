internal import RefluxKernels

extension Decoder {
  /// One window through all layers, on one worker.
  ///
  /// - Parameters:
  ///   - tokens: the new tokens, which stand at positions `start` on.
  ///   - a: activations of the whole window; rows before `start` were filled by earlier calls.
  func forward(_ tokens: View<UInt32>, _ a: Activations<Element>, from start: Int, worker: Int) {
    let count = tokens.count
    let c = configuration
    let embedding = Matrix(
      weights.slice(table.embedding, c.vocabularySize * c.hiddenSize), rows: c.vocabularySize,
      columns: c.hiddenSize)
    Embedding.forward(embedding, tokens: tokens, into: a.layers[0].input.rows(start, count))
    for index in 0..<c.layers {
      let output = index + 1 < c.layers ? a.layers[index + 1].input : a.output
      attend(index, a.layers[index], from: start, count, worker)
      feedForward(
        index, a.layers[index].rows(start, count), into: output.rows(start, count), worker)
    }
    RMSNorm.forward(
      a.output.rows(start, count), gain: gain(table.finalGain), epsilon: c.normEpsilon,
      into: a.normed.rows(start, count), scales: a.outputScales.slice(start, count))
  }

  /// middle = input + attention(norm(input)) Wo^T.
  private func attend(
    _ index: Int, _ window: LayerActivations<Element>, from start: Int, _ count: Int,
    _ worker: Int
  ) {
    let (c, layer, own) = (configuration, table.layers[index], scratch[worker])
    let a = window.rows(start, count)
    let width = c.heads * c.headSize
    RMSNorm.forward(
      a.input, gain: gain(layer.inputGain), epsilon: c.normEpsilon, into: a.normed,
      scales: a.inputScales)
    let weights = matrix(layer.projection, c.projectionWidth, c.hiddenSize)
    own.products.multiply(a.normed, weights.transposed, into: a.projections)
    rotary.apply(a.projections, heads: c.heads + c.keyHeads, from: start)

    let keyWidth = c.keyHeads * c.headSize
    let attended = own.attended.rows(0, count)
    attention.forward(
      queries: a.projections.columns(0, width),
      keys: window.projections.columns(width, keyWidth),
      values: window.projections.columns(width + keyWidth, keyWidth), from: start,
      into: attended, logSumExps: a.logSumExps, scratch: own.attention, products: own.products)
    convert(attended.elements.slice(0, count * width), into: a.attended.elements)

    a.middle.elements.copy(from: a.input.elements)
    own.products.multiply(
      a.attended, matrix(layer.output, c.hiddenSize, width).transposed, into: a.middle,
      accumulate: true)
  }

  /// output = middle + swiglu(norm(middle) Wgu^T) Wd^T.
  private func feedForward(
    _ index: Int, _ a: LayerActivations<Element>, into output: Matrix<Float>, _ worker: Int
  ) {
    let (c, layer, products) = (configuration, table.layers[index], scratch[worker].products)
    RMSNorm.forward(
      a.middle, gain: gain(layer.feedForwardGain), epsilon: c.normEpsilon, into: a.middleNormed,
      scales: a.middleScales)
    let gateUp = matrix(layer.gateUp, 2 * c.intermediateSize, c.hiddenSize)
    products.multiply(a.middleNormed, gateUp.transposed, into: a.gateUp)
    SwiGLU.forward(a.gateUp, into: a.activated)
    output.elements.copy(from: a.middle.elements)
    let down = matrix(layer.down, c.hiddenSize, c.intermediateSize)
    products.multiply(a.activated, down.transposed, into: output, accumulate: true)
  }
}
