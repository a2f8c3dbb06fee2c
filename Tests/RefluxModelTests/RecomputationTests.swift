import RefluxKernels
import RefluxMemory
import RefluxModel
import Testing

/// Activations that are computed again, and what both ways take of memory.
struct RecomputationTests {
  @Test(arguments: StoredFamily.names)
  func givesTheSameBits(name: String) throws {
    try expectSameBits(name, Float.self)
    if Products.supportsBFloat16 { try expectSameBits(name, BFloat16.self) }
  }

  private func expectSameBits<Element: Scalar>(_ name: String, _: Element.Type) throws {
    let stored = try StoredFamily(name)
    let setup: ModelSetup<Element> = try stored.setup()
    for documents in [[], stored.tokens.indices.map { UInt32($0 / 7) }] {
      let kept = stored.train(setup, documents: documents, passes: 2)
      let recomputed = stored.train(setup, documents: documents, passes: 2, recomputes: true)
      #expect(kept.loss == recomputed.loss)
      #expect(kept.gradients == recomputed.gradients)
    }
  }

  @Test(arguments: StoredFamily.names, [false, true])
  func memoryIsAsStated(name: String, recomputes: Bool) throws {
    try expectStatedMemory(name, recomputes, Float.self)
    try expectStatedMemory(name, recomputes, BFloat16.self)
  }

  /// The formula of ``TrainingPass``.
  private func expectStatedMemory<Element: Scalar>(
    _ name: String, _ recomputes: Bool, _: Element.Type
  ) throws {
    let stored = try StoredFamily(name)
    var c = stored.configuration
    c.layers = 5
    c.slidingWindow = nil
    let decoder = try Decoder<Element>(c, window: stored.window, workers: Workers(count: 1))
    let windows = 3
    let pass = TrainingPass(
      decoder, windows: windows, window: stored.window, recomputes: recomputes)
    let (s, rows) = (MemoryLayout<Element>.stride, windows * stored.window)
    let (d, f, h, k) = (c.hiddenSize, c.intermediateSize, c.heads, c.keyHeads)
    let (a, p) = (h * c.headSize, (h + 2 * k) * c.headSize)
    let e = name.hasPrefix("gpt2") ? f : 2 * f
    var layer = 4 * (d + p + e) + s * (2 * d + a + f) + 4 * (h + 2)
    if c.normsHeads { layer += 4 * (c.headSize + 1) * (h + k) }
    if c.normsOutputs { layer += 8 * (d + 1) }
    let activations = (recomputes ? 1 : c.layers) * layer + c.layers * 4 * d
    let once = 12 * d + 80 + s * (3 * d + e + p)
    let table = decoder.table
    let stated =
      rows * (activations + once) + 4 * table.count + 4 * windows * table.vectorWidth
    let head = LinearLoss<Element>(
      rows: rows, width: d, vocabularySize: c.vocabularySize, workers: decoder.workers)
    let found = pass.byteCount - head.byteCount
    // Up to 64 bytes for each of at most 18 arrays a layer and 10 others.
    #expect(found >= stated && found - stated <= 64 * (18 * c.layers + 10), "\(found), \(stated)")
  }
}
