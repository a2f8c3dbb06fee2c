internal import RefluxFiles
internal import RefluxRandom
internal import RefluxStorage
internal import RefluxTokens
internal import RefluxTraining
internal import Synchronization

/// The token stores of a quickstart.
struct QuickstartData {
  let tokenizer: Tokenizer
  let train: TokenStore
  let distill: TokenStore
  let heldOut: TokenStore
}

extension Quickstart {
  /// Tokenizer and token stores: made, or opened when they are there.
  func prepareData(_ parts: QuickstartSplit) throws -> QuickstartData {
    let tokenizer = try makeTokenizer(parts.train)
    try tokenize(parts.heldOut, tokenizer, to: folder.heldOut, name: "held-out text")
    try tokenize(parts.train, tokenizer, to: folder.train, name: "training text")
    let train = try open(folder.train)
    try pickSegments(of: train, to: folder.distill)
    let data = QuickstartData(
      tokenizer: tokenizer, train: train, distill: try open(folder.distill),
      heldOut: try open(folder.heldOut))
    try requireTokens(data)
    let megabytes = Double(parts.bytes) / 1e6
    facts.append(
      (
        "Text", "\(parts.files) files, \((megabytes * 10).rounded() / 10) MB, duplicates left out"
      ))
    facts.append(
      (
        "Tokens",
        "\(data.train.count) for the teacher, \(data.distill.count) of them for the students,"
          + " \(data.heldOut.count) held out; vocabulary \(tokenizer.vocabularySize)"
      ))
    return data
  }

  private func makeTokenizer(_ text: TextCorpus) throws(RecipeError) -> Tokenizer {
    if FileSystem.exists(path: folder.tokenizer) {
      let bytes = try naming(folder.tokenizer) {
        try FileSystem.readFile(path: folder.tokenizer, as: .tokenizer)
      }
      do { return try Tokenizer(json: bytes) } catch {
        throw .tokenizer(path: folder.tokenizer, error)
      }
    }
    let stage = observer.begin("train the tokenizer", "bytes", text.byteCount, 0)
    let tokenizer = try CorpusTrainer(vocabularySize: configuration.vocabularySize).train(
      text, observer: runObserver(stage))
    try naming(folder.tokenizer) {
      try FileSystem.writeFile(path: folder.tokenizer, bytes: tokenizer.json())
    }
    stage.finish()
    return tokenizer
  }

  private func tokenize(
    _ text: TextCorpus, _ tokenizer: Tokenizer, to path: String, name: String
  ) throws(RecipeError) {
    if FileSystem.exists(path: path) { return }
    let stage = observer.begin("tokenize the " + name, "bytes", text.byteCount, 0)
    let recipe = TokenizeRecipe(output: path, workers: compute.threadCount)
    _ = try recipe.run(text, tokenizer, observer: runObserver(stage))
    stage.finish()
  }

  /// The students' tokens: segments of the training tokens at random, one epoch of them, so that
  /// the cache need not cover what no student reads.
  private func pickSegments(of train: TokenStore, to path: String) throws(RecipeError) {
    if FileSystem.exists(path: path) { return }
    let length = min(configuration.segmentTokens, max(train.count, 1))
    let order = Permutation(count: train.count / length, seed: configuration.seed)
    let wanted = configuration.studentTokens / length + 2
    do throws(StoreError) {
      let writer = try TokenStoreWriter(
        path: path,
        configuration: TokenStoreConfiguration(
          vocabularySize: train.vocabularySize, provenance: train.header.provenance))
      let reader = train.makeReader()
      for index in 0..<min(wanted, order.count) {
        let start = order[index] * length
        let segment = try reader.read(start..<start + length)
        try writer.append(document: segment)
      }
      _ = try writer.seal()
    } catch {
      throw .store(path: path, error)
    }
  }

  private func open(_ path: String) throws(RecipeError) -> TokenStore {
    do { return try TokenStore(path: path) } catch { throw .store(path: path, error) }
  }

  private func requireTokens(_ data: QuickstartData) throws(RecipeError) {
    let needed = configuration.tokensPerStep + 1
    for (path, store) in [
      (folder.train, data.train), (folder.distill, data.distill), (folder.heldOut, data.heldOut),
    ] where store.count < (path == folder.heldOut ? configuration.window + 1 : needed) {
      throw .training(path: path, .tooFewTokens(found: store.count, needed: needed))
    }
  }

  /// A stage as the observer of a recipe that reports amounts from many threads.
  private func runObserver(_ stage: StageObserver.Stage) -> RunObserver {
    let count = SharedCount()
    return RunObserver(
      advanced: { stage.update(count.add($0), nil, nil) }, isInterrupted: observer.isInterrupted)
  }
}

/// A count that several threads add to.
final class SharedCount: Sendable {
  private let value = Mutex(0)

  /// Adds and returns the new count.
  func add(_ amount: Int) -> Int {
    value.withLock { value in
      value += amount
      return value
    }
  }
}
