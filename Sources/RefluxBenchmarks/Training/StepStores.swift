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

  /// The sample sets that a target learns from; nil where it needs none.
  func samples(_ target: TrainBenchmark.Target) throws -> SampleStore? {
    switch target {
    case .ce, .fullkd: return nil
    case .rskd12: return try counted(target) { fixed(12, $0) }
    case .rskd50: return try drawn(target)
    case .topk12: return try weighted(target, 12)
    case .ghost50: return try weighted(target, 50)
    }
  }

  /// Sets of 50 draws as ``SyntheticSamples`` makes them, ids taken modulo the vocabulary.
  private func drawn(_ target: TrainBenchmark.Target) throws -> SampleStore {
    let sets = SyntheticSamples(seed: 0).sets(count: count)
    return try counted(target) { record in
      var merged: [UInt32: UInt32] = [:]
      for pair in sets.pairs(of: record) {
        merged[sets.ids[pair] % UInt32(vocabulary), default: 0] += sets.counts[pair]
      }
      return merged.sorted { $0.key < $1.key }
    }
  }

  private func counted(
    _ target: TrainBenchmark.Target, _ set: (Int) -> [(key: UInt32, value: UInt32)]
  ) throws -> SampleStore {
    let path = folder + "/" + target.rawValue + ".rfx"
    if FileSystem.exists(path: path) { return try SampleStore(path: path) }
    let writer = try writer(path, .counts, estimator: .multinomial)
    for record in 0..<count {
      let pairs = set(record)
      let (ids, counts) = (pairs.map(\.key), pairs.map(\.value))
      try writer.append(ids: ids.span, counts: counts.span)
    }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  private func weighted(_ target: TrainBenchmark.Target, _ ids: Int) throws -> SampleStore {
    let path = folder + "/" + target.rawValue + ".rfx"
    if FileSystem.exists(path: path) { return try SampleStore(path: path) }
    let writer = try writer(path, .float32, estimator: .topk)
    let weights = [Float](repeating: 0.8 / Float(ids), count: ids)
    for record in 0..<count {
      let set = fixed(ids, record).map(\.key)
      try writer.append(ids: set.span, weights: weights.span)
    }
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
    _ path: String, _ values: SampleValues, estimator: Estimator
  ) throws -> SampleStoreWriter {
    let provenance = StoreProvenance(
      tokensHash: try tokens().fingerprint, teacher: "benchmark", estimator: estimator.rawValue,
      rounds: 50,
      contextLength: window, stride: window)
    return try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: vocabulary, capacity: 50, values: values, provenance: provenance))
  }
}
