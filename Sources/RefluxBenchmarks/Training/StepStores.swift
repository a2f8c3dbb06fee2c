internal import RefluxFiles
internal import RefluxRandom
internal import RefluxStorage
internal import RefluxTargets

/// A token store of random ids with sample stores of it, on disk.
struct StepStores {
  private let vocabulary: Int
  private let window: Int
  private let count: Int
  private let folder: String

  /// Sixteen steps' worth of tokens.
  init(_ c: TrainBenchmark.Configuration) {
    vocabulary = c.vocabulary
    window = c.window
    count = 16 * c.batch * c.window + 1
    folder = c.scratch
  }

  private var tokensPath: String { folder + "/tokens.rfx" }

  /// The tokens, written on the first call.
  func tokens() throws -> TokenStore {
    if !FileSystem.exists(path: tokensPath) {
      var random = RandomStream(seed: 0, stream: 0)
      let ids = (0..<count).map { _ in UInt32(random.next() % UInt64(vocabulary)) }
      let writer = try TokenStoreWriter(
        path: tokensPath, configuration: TokenStoreConfiguration(vocabularySize: vocabulary))
      try writer.append(document: ids.span)
      _ = try writer.seal()
    }
    return try TokenStore(path: tokensPath)
  }

  /// The sample sets that a run learns from; nil where it needs none.
  func samples(_ work: TrainWork) throws -> SampleStore? {
    switch work.sets {
    case .none: return nil
    case .counted(let ids): return try counted(work.name, nil) { fixed(ids, $0) }
    case .drawn: return try counted(work.name, nil, drawn())
    case .top(let ids): return try weighted(work.name, ids, nil)
    case .recorded(let sets):
      return try sets.kind == .sampled
        ? counted(sets.name, sets, drawn()) : weighted(sets.name, 50, sets)
    }
  }

  /// Sets of 50 draws as ``SyntheticSamples`` makes them, ids taken modulo the vocabulary.
  private func drawn() -> (Int) -> [(key: UInt32, value: UInt32)] {
    let sets = SyntheticSamples(seed: 0).sets(count: count)
    return { record in
      var merged: [UInt32: UInt32] = [:]
      for pair in sets.pairs(of: record) {
        merged[sets.ids[pair] % UInt32(vocabulary), default: 0] += sets.counts[pair]
      }
      return merged.sorted { $0.key < $1.key }
    }
  }

  private func counted(
    _ name: String, _ recorded: RecordedSets?, _ set: (Int) -> [(key: UInt32, value: UInt32)]
  ) throws -> SampleStore {
    try store(name, .counts, .multinomial, recorded) { (writer, record, extras) in
      let pairs = set(record)
      let (ids, counts) = (pairs.map(\.key), pairs.map(\.value))
      try writer.append(ids: ids.span, counts: counts.span, extras: extras)
    }
  }

  private func weighted(
    _ name: String, _ ids: Int, _ recorded: RecordedSets?
  ) throws -> SampleStore {
    let weights = [Float](repeating: Float(RecordedSets.mass) / Float(ids), count: ids)
    return try store(name, .float32, .topk, recorded) { (writer, record, extras) in
      let set = fixed(ids, record).map(\.key)
      try writer.append(ids: set.span, weights: weights.span, extras: extras)
    }
  }

  /// A store that is there, or a new one.
  private func store(
    _ name: String, _ values: SampleValues, _ estimator: Estimator, _ recorded: RecordedSets?,
    _ append: (SampleStoreWriter, _ record: Int, _ extras: [Float]) throws -> Void
  ) throws -> SampleStore {
    let path = folder + "/" + name + ".rfx"
    if FileSystem.exists(path: path) { return try SampleStore(path: path) }
    let writer = try writer(path, values, estimator, recorded)
    let extras = recorded?.scalars(vocabulary: vocabulary) ?? []
    for record in 0..<count { try append(writer, record, extras) }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  /// As many ids, one in each equal part of the vocabulary, whose counts add up to 50.
  private func fixed(_ ids: Int, _ record: Int) -> [(key: UInt32, value: UInt32)] {
    var random = RandomStream(seed: 1, stream: UInt64(record))
    return (0..<ids).map { index in
      let (from, to) = (index * vocabulary / ids, (index + 1) * vocabulary / ids)
      let id = UInt32(from + Int(random.next() % UInt64(to - from)))
      return (id, UInt32((index + 1) * 50 / ids - index * 50 / ids))
    }
  }

  private func writer(
    _ path: String, _ values: SampleValues, _ estimator: Estimator, _ recorded: RecordedSets?
  ) throws -> SampleStoreWriter {
    var provenance = StoreProvenance(
      tokensHash: try tokens().fingerprint, teacher: "benchmark", estimator: estimator.rawValue,
      rounds: 50, contextLength: window, stride: window)
    if let recorded {
      (provenance.tau, provenance.isCorrected) = (recorded.tau, !recorded.isTempered)
      (provenance.temperature, provenance.gamma) = (recorded.temperature, recorded.gamma)
    }
    var configuration = SampleStoreConfiguration(
      vocabularySize: vocabulary, capacity: 50, values: values, provenance: provenance)
    configuration.extras = recorded == nil ? [] : TargetScalar.allCases
    return try SampleStoreWriter(path: path, configuration: configuration)
  }
}
