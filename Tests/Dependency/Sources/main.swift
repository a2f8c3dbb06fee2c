// Writes a store, feeds a batch of it, draws from a row of equal logits and takes its loss.
import RefluxLosses
import RefluxMemory
import RefluxPipeline
import RefluxSampling
import RefluxStorage

func run(_ path: String) throws {
  let configuration = TokenStoreConfiguration(vocabularySize: 64)
  let writer = try TokenStoreWriter(path: path, configuration: configuration)
  let document = (0..<600).map { UInt32($0 % 64) }
  try writer.append(document: document.span)
  _ = try writer.seal()
  let source = FeedSource(name: path, tokens: try TokenStore(path: path))
  let feed = try Feed([source], configuration: FeedConfiguration(batch: 2, window: 8))
  let arena = Arena()
  let logits: View<Float> = arena.take(64)
  let crossEntropy = RowLoss.forwardKL(from: .label, vocabularySize: 64, arena: arena)
  var sampler = try Sampler(configuration: SamplerConfiguration(), vocabularySize: 64)
  try sampler.sample(logits: logits, position: 0)
  let draws = sampler.counts.reduce(0, +)
  try feed.withNextBatch { batch in
    let loss = crossEntropy.gradient(logits, RowTarget(label: Int(batch.labels[0]))).loss
    print("\(draws) draws, loss \(Float(loss))")
  }
}

try run(CommandLine.arguments[1])
