internal import RefluxMemory

/// What is written to the stream before its norm, where it has one; else nothing.
struct UnnormedOutput {
  var values: Matrix<Float>  // rows x d
  var scales: View<Float>  // rows

  init(_ c: DecoderConfiguration, rows: Int, arena: Arena) {
    values = arena.takeMatrix(rows, c.normsOutputs ? c.hiddenSize : 0)
    scales = arena.take(c.normsOutputs ? rows : 0)
  }

  func rows(_ start: Int, _ count: Int) -> UnnormedOutput {
    if scales.count == 0 { return self }
    var part = self
    part.values = values.rows(start, count)
    part.scales = scales.slice(start, count)
    return part
  }
}

/// What one layer computes for every row (token position) of some windows.
///
/// What of it every layer has for itself, and what all layers share, ``KeptActivations`` says.
struct LayerActivations<Element: Scalar> {
  var input: Matrix<Float>  // rows x d: the residual stream that enters
  var inputScales: View<Float>  // rows
  var normed: Matrix<Element>  // rows x d
  var projections: Matrix<Float>  // rows x (queries | keys | values), turned by position
  var rawHeads: Matrix<Float>  // rows x (queries | keys) before their norms, if they have any
  var headScales: View<Float>  // rows x (heads + keyHeads), window by window: heads x window
  var logSumExps: View<Float>  // rows x heads, window by window: heads x window
  var attended: Matrix<Element>  // rows x (heads * headSize)
  var output: UnnormedOutput  // of the attention
  var middle: Matrix<Float>  // rows x d: the stream between attention and feed-forward
  var middleScales: View<Float>  // rows
  var middleNormed: Matrix<Element>  // rows x d
  var expanded: Matrix<Float>  // rows x (gate | up), or rows x f: what the unit gets
  var activated: Matrix<Element>  // rows x f
  var down: UnnormedOutput  // of the feed-forward layer

  init(_ c: DecoderConfiguration, rows: Int, arena: Arena) {
    let (d, f, a) = (c.hiddenSize, c.intermediateSize, c.heads * c.headSize)
    input = arena.takeMatrix(rows, d)
    inputScales = arena.take(rows)
    self.normed = arena.takeMatrix(rows, d)
    projections = arena.takeMatrix(rows, c.projectionWidth)
    let normed = c.normsHeads ? c.heads + c.keyHeads : 0
    rawHeads = arena.takeMatrix(rows, normed * c.headSize)
    headScales = arena.take(rows * normed)
    logSumExps = arena.take(rows * c.heads)
    attended = arena.takeMatrix(rows, a)
    output = UnnormedOutput(c, rows: rows, arena: arena)
    middle = arena.takeMatrix(rows, d)
    middleScales = arena.take(rows)
    middleNormed = arena.takeMatrix(rows, d)
    expanded = arena.takeMatrix(rows, c.expansionWidth)
    activated = arena.takeMatrix(rows, f)
    down = UnnormedOutput(c, rows: rows, arena: arena)
  }

  /// The part of one window.
  func rows(_ start: Int, _ count: Int) -> LayerActivations {
    var part = self
    part.input = input.rows(start, count)
    part.inputScales = inputScales.slice(start, count)
    part.normed = normed.rows(start, count)
    part.projections = projections.rows(start, count)
    part.rawHeads = rawHeads.rows(start, count)
    let normed = headScales.count / inputScales.count
    part.headScales = headScales.slice(start * normed, count * normed)
    let heads = logSumExps.count / inputScales.count
    part.logSumExps = logSumExps.slice(start * heads, count * heads)
    part.attended = attended.rows(start, count)
    part.output = output.rows(start, count)
    part.middle = middle.rows(start, count)
    part.middleScales = middleScales.slice(start, count)
    part.middleNormed = middleNormed.rows(start, count)
    part.expanded = expanded.rows(start, count)
    part.activated = activated.rows(start, count)
    part.down = down.rows(start, count)
    return part
  }
}

/// What every layer has for itself; all layers share the rest.
enum KeptActivations {
  /// Everything, for a backward pass.
  case all
  /// The stream that enters, from which a backward pass computes the rest again.
  case inputs
  /// Queries, keys and values, which later positions look back at; nothing for a backward pass.
  case projections
}

/// Everything a forward pass leaves.
struct Activations<Element: Scalar> {
  var layers: [LayerActivations<Element>]
  var output: Matrix<Float>  // rows x d: the residual stream after the last layer
  var outputScales: View<Float>  // rows
  var normed: Matrix<Element>  // rows x d: what the head reads

  init(_ c: DecoderConfiguration, rows: Int, kept: KeptActivations, arena: Arena) {
    let first = LayerActivations<Element>(c, rows: rows, arena: arena)
    layers = [first]
    for _ in 1..<c.layers {
      var layer = first
      switch kept {
      case .all: layer = LayerActivations(c, rows: rows, arena: arena)
      case .inputs: layer.input = arena.takeMatrix(rows, c.hiddenSize)
      case .projections: layer.projections = arena.takeMatrix(rows, c.projectionWidth)
      }
      layers.append(layer)
    }
    output = kept == .projections ? first.input : arena.takeMatrix(rows, c.hiddenSize)
    outputScales = arena.take(rows)
    normed = arena.takeMatrix(rows, c.hiddenSize)
  }

  /// The stream after a layer.
  func output(of layer: Int) -> Matrix<Float> {
    layer + 1 < layers.count ? layers[layer + 1].input : output
  }
}
