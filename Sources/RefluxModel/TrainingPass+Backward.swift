internal import RefluxKernels

extension TrainingPass {
  /// From d hidden in `flow.stream` to all gradients.
  func backward() {
    finalNormBackward()
    for index in (0..<decoder.configuration.layers).reversed() {
      flow.gains.elements.fill(0)
      decoder.workers.run(windows) { share, worker in
        let a = activations.layers[index].rows(share * window, window)
        feedForwardBackward(index, a, share, worker)
        attentionBackward(index, a, share, worker)
      }
      weightGradients(index)
      sumGains(decoder.table.layers[index].inputGain, column: 0)
      sumGains(
        decoder.table.layers[index].feedForwardGain, column: decoder.configuration.hiddenSize)
    }
    embeddingBackward()
  }

  /// d hidden is in `stream`; d stream after the last layer replaces it.
  private func finalNormBackward() {
    let d = decoder.configuration.hiddenSize
    flow.gains.elements.fill(0)
    decoder.workers.run(windows) { share, _ in
      let (start, count) = (share * window, window)
      let target = flow.residual.rows(start, count)
      target.elements.fill(0)
      RMSNorm.backward(
        activations.output.rows(start, count), gain: decoder.gain(decoder.table.finalGain),
        scales: activations.outputScales.slice(start, count),
        gradient: flow.stream.rows(start, count), addingTo: target,
        gainGradient: flow.gains.row(share).slice(0, d))
      flow.stream.rows(start, count).elements.copy(from: target.elements)
    }
    sumGains(decoder.table.finalGain, column: 0)
  }

  /// Through output = middle + swiglu(norm(middle) Wgu^T) Wd^T, for one window.
  private func feedForwardBackward(
    _ index: Int, _ a: LayerActivations<Element>, _ share: Int, _ worker: Int
  ) {
    let (c, layer, own) = (decoder.configuration, decoder.table.layers[index], scratch(worker))
    let (start, d) = (share * window, c.hiddenSize)
    let stream = flow.stream.rows(start, window)
    let output = flow.outputOperand.rows(start, window)
    convert(stream.elements, into: output.elements)

    let activated = own.activatedGradient.rows(0, window)
    own.products.multiply(
      output, decoder.matrix(layer.down, d, c.intermediateSize), into: activated)
    let gateUp = flow.gateUp.rows(start, window)
    SwiGLU.backward(a.gateUp, gradient: activated, into: gateUp)

    let normed = own.normedGradient.rows(0, window)
    own.products.multiply(
      gateUp, decoder.matrix(layer.gateUp, 2 * c.intermediateSize, d), into: normed)
    RMSNorm.backward(
      a.middle, gain: decoder.gain(layer.feedForwardGain), scales: a.middleScales,
      gradient: normed, addingTo: stream, gainGradient: flow.gains.row(share).slice(d, d))
  }

  /// Through middle = input + attention(norm(input) Wqkv^T) Wo^T, for one window.
  private func attentionBackward(
    _ index: Int, _ a: LayerActivations<Element>, _ share: Int, _ worker: Int
  ) {
    let (c, layer, own) = (decoder.configuration, decoder.table.layers[index], scratch(worker))
    let (start, d) = (share * window, c.hiddenSize)
    let stream = flow.stream.rows(start, window)
    let middle = flow.middleOperand.rows(start, window)
    convert(stream.elements, into: middle.elements)

    let attended = own.attendedGradient.rows(0, window)
    own.products.multiply(
      middle, decoder.matrix(layer.output, d, c.heads * c.headSize), into: attended)
    let raw = own.projectionGradient.rows(0, window)
    decoder.attention.backward(
      projections: a.projections, logSumExps: a.logSumExps, gradient: attended, into: raw,
      scratch: own.attention, products: own.products)
    decoder.rotary.apply(raw, heads: c.heads + c.keyHeads, backward: true)
    let projections = flow.projections.rows(start, window)
    convert(raw.elements, into: projections.elements)

    let normed = own.normedGradient.rows(0, window)
    own.products.multiply(
      projections, decoder.matrix(layer.projection, c.projectionWidth, d), into: normed)
    RMSNorm.backward(
      a.input, gain: decoder.gain(layer.inputGain), scales: a.inputScales, gradient: normed,
      addingTo: stream, gainGradient: flow.gains.row(share).slice(0, d))
  }

  /// dW = d output^T input for the four matrices of a layer, by slices of their rows.
  private func weightGradients(_ index: Int) {
    let (c, layer) = (decoder.configuration, decoder.table.layers[index])
    let a = activations.layers[index]
    let jobs =
      slices(flow.gateUp, a.middleNormed, layer.gateUp)
      + slices(flow.outputOperand, a.activated, layer.down)
      + slices(flow.projections, a.normed, layer.projection)
      + slices(flow.middleOperand, a.attended, layer.output)
    precondition(c.layers > index)
    decoder.workers.run(jobs.count) { share, worker in
      let job = jobs[share]
      scratch(worker).products.multiply(
        job.outputs.transposed, job.inputs, into: job.gradient)
    }
  }

  private typealias WeightJob = (
    outputs: Matrix<Element>, inputs: Matrix<Element>, gradient: Matrix<Float>
  )

  private func slices(
    _ outputs: Matrix<Element>, _ inputs: Matrix<Element>, _ offset: Int
  ) -> [WeightJob] {
    let size = 256
    let gradient = Matrix(
      gradients.slice(offset, outputs.columns * inputs.columns), rows: outputs.columns,
      columns: inputs.columns)
    return stride(from: 0, to: outputs.columns, by: size).map { start in
      let count = min(size, outputs.columns - start)
      return (outputs.columns(start, count), inputs, gradient.rows(start, count))
    }
  }

  /// Adds the windows' shares of a gain's gradient in the order of the windows.
  private func sumGains(_ offset: Int, column: Int) {
    let d = decoder.configuration.hiddenSize
    let target = gradients.slice(offset, d)
    target.fill(0)
    for share in 0..<windows { add(flow.gains.row(share).slice(column, d), to: target) }
  }

  /// d embedding += d stream at each token; an untied embedding starts from 0.
  private func embeddingBackward() {
    let (c, table) = (decoder.configuration, decoder.table)
    let target = Matrix(
      gradients.slice(table.embedding, c.vocabularySize * c.hiddenSize), rows: c.vocabularySize,
      columns: c.hiddenSize)
    if !c.tiedHead { target.elements.fill(0) }
    let shares = 16
    let size = (c.vocabularySize + shares - 1) / shares
    decoder.workers.run(shares) { share, _ in
      let start = min(share * size, c.vocabularySize)
      Embedding.backward(
        flow.stream, tokens: tokens, ids: start..<min(start + size, c.vocabularySize),
        addingTo: target)
    }
  }

  private func scratch(_ worker: Int) -> WorkerScratch<Element> { decoder.scratch[worker] }
}
