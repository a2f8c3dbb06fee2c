internal import RefluxKernels
internal import RefluxMemory

extension Decoder {
  /// One window through all layers, on one worker.
  ///
  /// - Parameters:
  ///   - tokens: the new tokens, which stand at positions `start` on.
  ///   - window: rows of `a` that are the window's; those of positions before `start` were filled
  ///     by earlier calls.
  ///   - documents: the row of the window at which each row's document starts, where positions
  ///     begin anew and attention ends; nil for one document.
  func forward(
    _ tokens: View<UInt32>, _ a: Activations<Element>, window: Range<Int>, from start: Int = 0,
    documents: View<Int32>? = nil, worker: Int
  ) {
    let (first, count) = (window.lowerBound + start, tokens.count)
    embed(tokens, from: start, documents, into: a.layers[0].input.rows(first, count))
    for index in 0..<configuration.layers {
      let layer = a.layers[index].rows(window.lowerBound, window.count)
      attend(index, layer, from: start, count, documents, worker)
      feedForward(
        index, layer.rows(start, count), into: a.output(of: index).rows(first, count), worker)
    }
    normalize(
      a.output.rows(first, count), table.finalNorm, into: a.normed.rows(first, count),
      scales: a.outputScales.slice(first, count))
  }

  /// Fills a layer's activations of one window anew from its input, to the same bits.
  ///
  /// - Parameters:
  ///   - documents: as in ``forward``.
  ///   - output: the stream after the layer, which has its values already; written again only
  ///     where the family normalises what is added to it.
  func recompute(
    _ index: Int, _ a: LayerActivations<Element>, documents: View<Int32>?, output: Matrix<Float>,
    worker: Int
  ) {
    attend(index, a, from: 0, a.input.rows, documents, worker)
    fillFeedForward(index, a, worker)
    let layer = table.layers[index]
    if layer.downNorm == nil { return }
    write(a.activated, layer.down, layer.downNorm, a.down, onto: a.middle, into: output, worker)
  }

  /// The tokens' embeddings, and their positions' where those are learned.
  private func embed(
    _ tokens: View<UInt32>, from start: Int, _ documents: View<Int32>?, into stream: Matrix<Float>
  ) {
    let (c, d) = (configuration, configuration.hiddenSize)
    Embedding.forward(
      Matrix(
        weights.slice(table.embedding, c.vocabularySize * d), rows: c.vocabularySize, columns: d),
      tokens: tokens, scale: embeddingScale, into: stream)
    if let positions = table.positions {
      for row in 0..<tokens.count {
        let position = start + row - Int(documents?[start + row] ?? 0)
        add(weights.slice(positions + position * d, d), to: stream.row(row))
      }
    }
  }

  /// What embeddings are multiplied by.
  var embeddingScale: Float {
    configuration.scalesEmbedding ? Float(configuration.hiddenSize).squareRoot() : 1
  }

  /// middle = input + attention(norm(input) Wqkv^T + b) Wo^T + b, what is added normalised where
  /// the family does.
  private func attend(
    _ index: Int, _ window: LayerActivations<Element>, from start: Int, _ count: Int,
    _ documents: View<Int32>?, _ worker: Int
  ) {
    let (c, layer, own) = (configuration, table.layers[index], scratch[worker])
    let a = window.rows(start, count)
    normalize(a.input, layer.inputNorm, into: a.normed, scales: a.inputScales)
    multiply(a.normed, layer.projection, into: a.projections, worker)
    if let norms = layer.headNorms { normalizeHeads(a, norms) }
    rotary?.apply(a.projections, heads: c.heads + c.keyHeads, from: start, documents: documents)

    let (width, keyWidth) = (c.heads * c.headSize, c.keyHeads * c.headSize)
    let attended = own.attended.rows(0, count)
    attention[index].forward(
      queries: a.projections.columns(0, width),
      keys: window.projections.columns(width, keyWidth),
      values: window.projections.columns(width + keyWidth, keyWidth), from: start,
      documents: documents, into: attended, logSumExps: a.logSumExps, scratch: own.attention,
      products: own.products)
    convert(attended.elements.slice(0, count * width), into: a.attended.elements)

    write(
      a.attended, layer.output, layer.outputNorm, a.output, onto: a.input, into: a.middle, worker)
  }

  /// output = middle + unit(norm(middle) We^T + b) Wd^T + b, likewise.
  private func feedForward(
    _ index: Int, _ a: LayerActivations<Element>, into output: Matrix<Float>, _ worker: Int
  ) {
    let layer = table.layers[index]
    fillFeedForward(index, a, worker)
    write(a.activated, layer.down, layer.downNorm, a.down, onto: a.middle, into: output, worker)
  }

  /// Everything of the feed-forward layer but what it writes to the stream.
  private func fillFeedForward(_ index: Int, _ a: LayerActivations<Element>, _ worker: Int) {
    let layer = table.layers[index]
    normalize(a.middle, layer.feedForwardNorm, into: a.middleNormed, scales: a.middleScales)
    multiply(a.middleNormed, layer.expansion, into: a.expanded, worker)
    activate(a.expanded, into: a.activated)
  }
}
