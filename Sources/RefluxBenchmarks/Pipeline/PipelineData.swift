internal import RefluxFiles
internal import RefluxPipeline
internal import RefluxRandom
internal import RefluxStorage

/// The stores that the feed is measured on.
struct PipelineData {
  private static let vocabulary = 50_257
  private static let setCount = 65_536

  let folder: String
  /// Unique ids per record.
  let idsPerRecord: Double

  /// Writes the stores.
  init(
    _ configuration: PipelineBenchmark.Configuration, folder: String, observer: BenchmarkObserver
  ) throws {
    self.folder = folder
    observer.note("writing \(17 * configuration.tokens) tokens")
    let large = 16 * configuration.tokens
    _ = try Self.write(tokens: large, to: folder + "/large.rfx", configuration.seed)
    let path = folder + "/tokens.rfx"
    let fingerprint = try Self.write(tokens: configuration.tokens, to: path, configuration.seed)
    observer.note("drawing \(Self.setCount) synthetic sets")
    let sets = SyntheticSamples(
      seed: configuration.seed, base: SyntheticSamples.baseOfTwelveIDs
    ).sets(count: Self.setCount)
    idsPerRecord = sets.pairsPerRecord
    for encoding in [StoreForm.Encoding.plain, .packed] {
      observer.note("writing \(configuration.tokens) sets, \(encoding)")
      try Self.write(
        sets, encoding, count: configuration.tokens, fingerprint,
        path: folder + "/\(encoding).rfx")
      try observer.check()
    }
  }

  /// The stores of a payload.
  func source(
    _ payload: PipelineSubject.Payload, _ encoding: StoreForm.Encoding
  ) throws -> FeedSource {
    if payload == .tokens {
      return FeedSource(name: "large", tokens: try TokenStore(path: folder + "/large.rfx"))
    }
    return FeedSource(
      name: "samples", tokens: try TokenStore(path: folder + "/tokens.rfx"),
      samples: try SampleStore(path: samplesPath(encoding)))
  }

  func samplesPath(_ encoding: StoreForm.Encoding) -> String { folder + "/\(encoding).rfx" }

  /// Files that a cold page cache must not hold.
  func paths(_ payload: PipelineSubject.Payload, _ encoding: StoreForm.Encoding) -> [String] {
    payload == .tokens
      ? [folder + "/large.rfx"] : [folder + "/tokens.rfx", samplesPath(encoding)]
  }

  private static var calls: FileCalls {
    var calls = FileCalls.system
    calls.sync = { _ in 0 }
    return calls
  }

  /// Ids of documents of a few hundred tokens; returns the fingerprint.
  private static func write(tokens: Int, to path: String, _ seed: UInt64) throws -> UInt64 {
    let writer = try TokenStoreWriter(
      path: path, configuration: TokenStoreConfiguration(vocabularySize: vocabulary), fileID: 1,
      calls: calls)
    var stream = RandomStream(seed: seed, stream: 0)
    var written = 0
    var ids: [UInt32] = []
    while written < tokens {
      let length = min(tokens - written, 100 + Int(stream.next() % 1_000))
      ids.removeAll(keepingCapacity: true)
      for _ in 0..<length {
        ids.append(UInt32(stream.next().multipliedFullWidth(by: UInt64(vocabulary)).high))
      }
      try writer.append(document: ids.span)
      written += length
    }
    return try writer.seal().fingerprint
  }

  /// The sets over and over, until there are `count`; blocks lie as a capture of windows of 256, or
  /// of a multiple, lays them.
  private static func write(
    _ sets: SampleSets, _ encoding: StoreForm.Encoding, count: Int, _ fingerprint: UInt64,
    path: String
  ) throws {
    var configuration = SampleStoreConfiguration(
      vocabularySize: sets.vocabularySize, capacity: sets.capacity,
      provenance: StoreProvenance(
        tokensHash: fingerprint, rounds: sets.rounds, contextLength: 256, stride: 256))
    if encoding == .packed {
      configuration.encoding = .packed
      configuration.frequencies = sets.frequencies
    }
    let writer = try SampleStoreWriter(
      path: path, configuration: configuration, fileID: 1, calls: calls)
    let (ids, counts) = (sets.ids.span, sets.counts.span)
    for record in 0..<count {
      let pairs = sets.pairs(of: record % sets.count)
      try writer.append(ids: ids.extracting(pairs), counts: counts.extracting(pairs))
    }
    _ = try writer.seal()
  }

  /// Writes a folder of shards with 256 tokens each; returns its path.
  func writeShards(_ count: Int, _ observer: BenchmarkObserver) throws -> String {
    let folder = folder + "/shards"
    try FileSystem.createDirectory(path: folder)
    var names: [String] = []
    let ids = (0..<256).map { UInt32($0) }
    for number in 0..<count {
      if number % 1_000 == 0 { try observer.check() }
      var configuration = TokenStoreConfiguration(vocabularySize: Self.vocabulary)
      configuration.firstPosition = number * ids.count
      names.append("shard-\(number).rfx")
      let writer = try TokenStoreWriter(
        path: folder + "/" + names[number], configuration: configuration,
        fileID: UInt64(number + 1), calls: Self.calls)
      try writer.append(document: ids.span)
      _ = try writer.seal()
    }
    _ = try StoreManifest.write(folder: folder, names: names)
    return folder
  }
}
