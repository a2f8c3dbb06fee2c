internal import RefluxKernels
internal import RefluxMemory

extension TrainingPass {
  /// From d hidden in `flow.stream` to all gradients.
  package func backward() {
    finalNormBackward()
    let first = activations.layers.count - (keepsLastLayer ? 1 : 0)
    keepsLastLayer = !recomputes
    for index in (0..<decoder.configuration.layers).reversed() {
      flow.vectors.elements.fill(0)
      decoder.workers.run(windows) { share, worker in
        let a = activations.layers[index].rows(share * window, window)
        if recomputes, index < first {
          let output = activations.output(of: index).rows(share * window, window)
          decoder.recompute(
            index, a, documents: starts.ofWindow(share), output: output, worker: worker)
        }
        feedForwardBackward(index, a, share, worker)
        attentionBackward(index, a, share, worker)
      }
      weightGradients(index)
      for vector in decoder.table.layers[index].vectors { sumShares(vector) }
    }
    embeddingBackward()
  }

  /// d hidden is in `stream`; d stream after the last layer replaces it.
  private func finalNormBackward() {
    let norm = decoder.table.finalNorm
    flow.vectors.elements.fill(0)
    decoder.workers.run(windows) { share, _ in
      let (start, count) = (share * window, window)
      let target = flow.residual.rows(start, count)
      target.elements.fill(0)
      normBackward(
        activations.output.rows(start, count), norm, activations.outputScales.slice(start, count),
        gradient: flow.stream.rows(start, count), addingTo: target, share)
      flow.stream.rows(start, count).elements.copy(from: target.elements)
    }
    sumShares(norm.gain)
    if let bias = norm.bias { sumShares(bias) }
  }

  /// Through output = middle + unit(norm(middle) We^T + b) Wd^T + b, for one window.
  private func feedForwardBackward(
    _ index: Int, _ a: LayerActivations<Element>, _ share: Int, _ worker: Int
  ) {
    let (layer, own) = (decoder.table.layers[index], decoder.scratch[worker])
    let start = share * window
    let stream = flow.stream.rows(start, window)
    let output = flow.outputOperand.rows(start, window)
    writeBackward(layer.down, layer.downNorm, a.down, gradient: stream, into: output, share, worker)

    let activated = own.activatedGradient.rows(0, window)
    own.products.multiply(output, decoder.matrix(layer.down), into: activated)
    let expanded = flow.expanded.rows(start, window)
    switch decoder.configuration.feedForward {
    case .swiGLU: GatedUnit.silu.backward(a.expanded, gradient: activated, into: expanded)
    case .geGLU: GatedUnit.gelu.backward(a.expanded, gradient: activated, into: expanded)
    case .gelu(let gelu): gelu.backward(a.expanded, gradient: activated, into: expanded)
    }
    addBias(layer.expansion, gradient: expanded, share)

    let normed = own.normedGradient.rows(0, window)
    own.products.multiply(expanded, decoder.matrix(layer.expansion), into: normed)
    normBackward(
      a.middle, layer.feedForwardNorm, a.middleScales, gradient: normed, addingTo: stream, share)
  }

  /// Through middle = input + attention(norm(input) Wqkv^T + b) Wo^T + b, for one window.
  private func attentionBackward(
    _ index: Int, _ a: LayerActivations<Element>, _ share: Int, _ worker: Int
  ) {
    let (c, layer) = (decoder.configuration, decoder.table.layers[index])
    let (start, own) = (share * window, decoder.scratch[worker])
    let documents = starts.ofWindow(share)
    let stream = flow.stream.rows(start, window)
    let middle = flow.middleOperand.rows(start, window)
    writeBackward(
      layer.output, layer.outputNorm, a.output, gradient: stream, into: middle, share, worker)

    let attended = own.attendedGradient.rows(0, window)
    own.products.multiply(middle, decoder.matrix(layer.output), into: attended)
    let raw = own.projectionGradient.rows(0, window)
    decoder.attention[index].backward(
      projections: a.projections, logSumExps: a.logSumExps, gradient: attended,
      documents: documents, into: raw, scratch: own.attention, products: own.products)
    decoder.rotary?.apply(
      raw, heads: c.heads + c.keyHeads, documents: documents, backward: true)
    if let norms = layer.headNorms { headNormsBackward(a, norms, raw, share) }
    addBias(layer.projection, gradient: raw, share)
    let projections = flow.projections.rows(start, window)
    convert(raw.elements, into: projections.elements)

    let normed = own.normedGradient.rows(0, window)
    own.products.multiply(projections, decoder.matrix(layer.projection), into: normed)
    normBackward(
      a.input, layer.inputNorm, a.inputScales, gradient: normed, addingTo: stream, share)
  }
}
