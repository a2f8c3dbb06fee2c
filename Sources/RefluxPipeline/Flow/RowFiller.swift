internal import RefluxStorage
internal import RefluxTargets

/// Fills one row of a batch from one window: for feeds and for whoever reads in order.
struct RowFiller {
  /// Tokens per window.
  let window: Int
  let row: Int
  let weight: Float
  let packing: Packing

  private var start: Int { row * window }
  private var end: Int { start + window }

  // MARK: Tokens

  /// Ids, labels, and where documents are marked or windows short their columns.
  func readTokens(
    _ batch: inout Batch, _ reader: TokenReader, _ source: SourceShape, _ number: Int
  ) throws(StoreError) {
    if let packed = source.packed { return try readPieces(&batch, reader, packed, number) }
    try source.forEachPiece(of: number, window: window) { piece throws(StoreError) in
      try readRun(&batch, reader, piece.records, tokenCount: source.tokenCount)
    }
  }

  /// The same for any neighbouring records, at most a window of them.
  func readRun(
    _ batch: inout Batch, _ reader: TokenReader, _ records: Range<Int>, tokenCount: Int
  ) throws(StoreError) {
    try Self.read(records, of: reader, &batch.tokenStorage, &batch.labelStorage, start)
    var documents = 1
    if packing == .windows {
      weigh(&batch, start..<start + records.count)
    } else {
      documents += try markDocuments(&batch, reader, records, tokenCount: tokenCount)
    }
    if records.count < window {
      pad(&batch, start + records.count..<end, document: documents)
    }
  }

  private func readPieces(
    _ batch: inout Batch, _ reader: TokenReader, _ packed: PackedWindows, _ number: Int
  ) throws(StoreError) {
    var (filled, pieces) = (0, 0)
    try packed.forEachPiece(of: number) { piece throws(StoreError) in
      let first = start + piece.position
      try Self.read(piece.records, of: reader, &batch.tokenStorage, &batch.labelStorage, first)
      filled = piece.position + piece.records.count
      mark(
        &batch, first..<start + filled, document: pieces, isLastOpen: piece.endsDocument)
      pieces += 1
    }
    if filled < window { pad(&batch, start + filled..<end, document: pieces) }
  }

  private func weigh(_ batch: inout Batch, _ places: Range<Int>) {
    if batch.lossWeightStorage.isEmpty { return }
    for place in places { batch.lossWeightStorage[place] = weight }
  }

  /// Marks the documents of a window of neighbouring records; returns the last one's number.
  private func markDocuments(
    _ batch: inout Batch, _ reader: TokenReader, _ records: Range<Int>, tokenCount: Int
  ) throws(StoreError) -> Int {
    var (open, document) = (start, 0)
    let end = start + records.count
    // A document that starts after the window takes the last label.
    let last = min(records.upperBound + 1, tokenCount)
    try reader.forEachDocument(in: records.lowerBound + 1..<max(last, records.lowerBound + 1)) {
      let place = start + $0 - records.lowerBound
      mark(&batch, open..<place, document: document, isLastOpen: true)
      (open, document) = (place, document + 1)
    }
    if open < end { mark(&batch, open..<end, document: document, isLastOpen: false) }
    return document
  }

  /// - Parameter isLastOpen: whether the label of the last position is of another document.
  private func mark(
    _ batch: inout Batch, _ places: Range<Int>, document: Int, isLastOpen: Bool
  ) {
    for place in places {
      batch.positionStorage[place] = UInt32(truncatingIfNeeded: place - places.lowerBound)
      batch.documentStorage[place] = UInt32(truncatingIfNeeded: document)
      batch.lossWeightStorage[place] = weight
    }
    if isLastOpen { batch.lossWeightStorage[places.upperBound - 1] = 0 }
  }

  private func pad(_ batch: inout Batch, _ places: Range<Int>, document: Int) {
    for place in places {
      batch.tokenStorage[place] = 0
      batch.labelStorage[place] = 0
      batch.lossWeightStorage[place] = 0
      if packing == .windows { continue }
      batch.positionStorage[place] = UInt32(truncatingIfNeeded: place - places.lowerBound)
      batch.documentStorage[place] = UInt32(truncatingIfNeeded: document)
    }
  }

  // MARK: Weights

  /// Multiplies what each position counts by the weight of its token.
  func readWeights(
    _ batch: inout Batch, _ reader: TokenWeightReader, _ source: SourceShape, _ number: Int
  ) throws(StoreError) {
    try source.forEachPiece(of: number, window: window) { piece throws(StoreError) in
      let first = start + piece.position
      try reader.forEach(in: piece.records) { batch.lossWeightStorage[first + $0] *= $1 }
    }
  }

  // MARK: Samples

  /// The sets of the window after those of the rows before; filling has empty ones.
  func readSamples(
    _ batch: inout Batch, _ reader: SampleReader, _ source: SourceShape, _ number: Int
  ) throws(StoreError) {
    var pairs = row == 0 ? 0 : Int(batch.offsetStorage[start])
    batch.offsetStorage[start] = Int32(pairs)
    var filled = start
    try source.forEachPiece(of: number, window: window) { piece throws(StoreError) in
      pairs = try Self.read(
        piece.records, of: reader, filled, &batch.offsetStorage, &batch.idStorage,
        &batch.weightStorage, from: pairs)
      takeScalars(&batch, reader, filled)
      filled += piece.records.count
    }
    for scalar in batch.scalarNames {
      let column = batch.places(of: scalar).lowerBound
      for place in filled..<end { batch.scalarStorage[column + place] = 0 }
    }
    while filled < end {
      filled += 1
      batch.offsetStorage[filled] = Int32(pairs)
    }
  }

  /// The scalars of the sets that were read last, from the place `first` on.
  private func takeScalars(_ batch: inout Batch, _ reader: SampleReader, _ first: Int) {
    for scalar in batch.scalarNames {
      let column = batch.places(of: scalar).lowerBound
      var target = batch.scalarStorage.mutableSpan
      reader.copyScalar(scalar, into: &target, at: column + first)
    }
  }

  // Arrays come in as parameters of their own: a span taken from one property of a structure or
  // object would hold the whole of it.

  private static func read(
    _ records: Range<Int>, of tokens: TokenReader, _ ids: inout [UInt32],
    _ labels: inout [UInt32], _ start: Int
  ) throws(StoreError) {
    var ids = ids.mutableSpan
    var labels = labels.mutableSpan
    try tokens.read(records, into: &ids, labels: &labels, at: start)
  }

  private static func read(
    _ records: Range<Int>, of samples: SampleReader, _ row: Int, _ offsets: inout [Int32],
    _ ids: inout [UInt32], _ weights: inout [Float], from start: Int
  ) throws(StoreError) -> Int {
    var allOffsets = offsets.mutableSpan
    var offsets = allOffsets._mutatingExtracting(row...row + records.count)
    var ids = ids.mutableSpan
    var weights = weights.mutableSpan
    return try samples.read(
      records, offsets: &offsets, ids: &ids, weights: &weights, from: start)
  }
}
