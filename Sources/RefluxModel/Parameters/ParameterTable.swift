/// The one table of a decoder's tensors: it makes the memory layout, the file's order and names,
/// the initialisation and the weight decay.
public struct ParameterTable: Sendable {
  /// All tensors, by ascending offset.
  public private(set) var entries: [Entry] = []
  /// The places of each layer, the first layer first.
  public private(set) var layers: [Layer] = []
  /// The embedding's first element; the table is vocabulary x d.
  public private(set) var embedding = 0
  /// The first element of the positions' vectors, positions x d, where they are learned.
  public private(set) var positions: Int?
  /// The norm before the head.
  public private(set) var finalNorm = Norm(gain: Vector(), bias: nil)
  /// The embedding's offset when the head is tied.
  public private(set) var head = 0
  /// Elements in all.
  public private(set) var count = 0
  /// The elements of a layer's vectors (gains and biases) side by side; every layer has the same.
  public private(set) var vectorWidth = 0

  /// Stands before the name of every tensor but the head's; files of some models leave it out.
  public let prefix: String

  /// Lays out a decoder of this configuration, which must be valid; there are no gaps between
  /// tensors.
  public init(_ c: DecoderConfiguration) {
    let (names, d) = (TensorNames(c.family), c.hiddenSize)
    let body = names.prefix
    prefix = body
    embedding = add(body + names.embedding + ".weight", [c.vocabularySize, d], .matrix)
    if c.position == .learned {
      positions = add(body + names.positions + ".weight", [c.positions, d], .matrix)
    }
    for index in 0..<c.layers { addLayer("\(body)\(names.layer).\(index).", names, c) }
    finalNorm = addNorm(body + names.finalNorm, d, c.norm)
    vectorWidth = max(layers.map(\.vectorWidth).max() ?? 0, 2 * d)
    head = c.tiedHead ? embedding : add(names.head + ".weight", [c.vocabularySize, d], .matrix)
  }

  /// Whether a checkpoint may have a tensor of this name that no model of this table needs: the
  /// tied head once more, tables of angles and masks that older files carry along.
  public func canIgnore(_ name: String) -> Bool {
    let buffers = [".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"]
    return buffers.contains { name.hasSuffix($0) }
      || (name == "lm_head.weight" && head == embedding)
  }

  /// Whether a tensor has a row per id.
  public func hasRowPerID(_ entry: Entry) -> Bool {
    entry.offset == embedding || entry.offset == head
  }

  /// Whether a tensor is one of the layers' matrices, ``Layer/matrices``: neither embedding, head
  /// nor positions, gain nor bias.
  public func isHidden(_ entry: Entry) -> Bool {
    entry.decays && !hasRowPerID(entry) && entry.offset != positions
  }

  private mutating func addLayer(
    _ prefix: String, _ names: TensorNames, _ c: DecoderConfiguration
  ) {
    var columns = Columns()
    let (d, f, h) = (c.hiddenSize, c.intermediateSize, c.headSize)
    let attended = c.heads * h
    let projected =
      names.projections.count == 1
      ? [c.projectionWidth] : [attended, c.keyHeads * h, c.keyHeads * h]
    let expanded = names.expansion.count == 1 ? [c.expansionWidth] : [f, f]
    func under(_ names: [String]) -> [String] { names.map { prefix + $0 } }

    let inputNorm = addNorm(prefix + names.inputNorm, d, c.norm, &columns)
    let projection = addLinear(
      under(names.projections), d, projected, .matrix, names.isTransposed,
      bias: c.biases.contains(.projections), &columns)
    var headNorms: HeadNorms?
    if c.normsHeads {
      headNorms = HeadNorms(
        queries: addNorm(prefix + names.queryNorm, h, .rms, &columns).gain,
        keys: addNorm(prefix + names.keyNorm, h, .rms, &columns).gain)
    }
    let output = addLinear(
      under([names.output]), attended, [d], .residual, names.isTransposed,
      bias: c.biases.contains(.attentionOutput), &columns)
    let outputNorm =
      c.normsOutputs ? addNorm(prefix + names.attentionOutputNorm, d, c.norm, &columns) : nil
    let feedForwardNorm = addNorm(prefix + names.feedForwardNorm, d, c.norm, &columns)
    let expansion = addLinear(
      under(names.expansion), d, expanded, .matrix, names.isTransposed,
      bias: c.biases.contains(.feedForward), &columns)
    let down = addLinear(
      under([names.down]), f, [d], .residual, names.isTransposed,
      bias: c.biases.contains(.feedForward), &columns)
    let downNorm =
      c.normsOutputs ? addNorm(prefix + names.feedForwardOutputNorm, d, c.norm, &columns) : nil
    let keys = c.keyHeads * h
    let matrices =
      Self.matrices(projection, [attended, keys, keys]) + Self.matrices(output, [d])
      + Self.matrices(expansion, c.expansionWidth == f ? [f] : [f, f]) + Self.matrices(down, [d])
    layers.append(
      Layer(
        inputNorm: inputNorm, projection: projection, headNorms: headNorms, output: output,
        outputNorm: outputNorm, feedForwardNorm: feedForwardNorm, expansion: expansion,
        down: down, downNorm: downNorm, matrices: matrices, vectors: columns.vectors,
        vectorWidth: columns.width))
  }

  /// The matrices that a product over the same inputs stacks, by their outputs.
  private static func matrices(_ linear: Linear, _ outputs: [Int]) -> [HiddenMatrix] {
    var start = 0
    return outputs.map { count in
      defer { start += count }
      return linear.isTransposed
        ? HiddenMatrix(
          offset: linear.offset + start, rows: linear.inputs, columns: count,
          stride: linear.outputs)
        : HiddenMatrix(
          offset: linear.offset + start * linear.inputs, rows: count, columns: linear.inputs,
          stride: linear.inputs)
    }
  }

  /// The vectors of a layer so far.
  private struct Columns {
    var vectors: [Vector] = []
    var width = 0

    mutating func add(offset: Int, count: Int) -> Vector {
      let vector = Vector(offset: offset, count: count, column: width)
      vectors.append(vector)
      width += count
      return vector
    }
  }

  private mutating func addNorm(_ name: String, _ width: Int, _ kind: NormKind) -> Norm {
    var columns = Columns()
    return addNorm(name, width, kind, &columns)
  }

  private mutating func addNorm(
    _ name: String, _ width: Int, _ kind: NormKind, _ columns: inout Columns
  ) -> Norm {
    let gain = columns.add(offset: add(name + ".weight", [width], .gain), count: width)
    if kind == .rms { return Norm(gain: gain, bias: nil) }
    return Norm(
      gain: gain, bias: columns.add(offset: add(name + ".bias", [width], .bias), count: width))
  }

  /// Matrices over the same inputs, whose outputs lie side by side, then their biases.
  private mutating func addLinear(
    _ names: [String], _ inputs: Int, _ outputs: [Int], _ role: Entry.Role, _ isTransposed: Bool,
    bias: Bool, _ columns: inout Columns
  ) -> Linear {
    let (offset, width) = (count, outputs.reduce(0, +))
    for (name, rows) in zip(names, outputs) {
      _ = add(name + ".weight", isTransposed ? [inputs, rows] : [rows, inputs], role)
    }
    let biasOffset = count
    if bias {
      for (name, rows) in zip(names, outputs) { _ = add(name + ".bias", [rows], .bias) }
    }
    return Linear(
      offset: offset, outputs: width, inputs: inputs, isTransposed: isTransposed,
      bias: bias ? columns.add(offset: biasOffset, count: width) : nil)
  }

  private mutating func add(_ name: String, _ shape: [Int], _ role: Entry.Role) -> Int {
    let entry = Entry(name: name, shape: shape, offset: count, role: role)
    entries.append(entry)
    count += entry.count
    return entry.offset
  }
}
