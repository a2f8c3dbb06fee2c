import Foundation
import RefluxKernels
import RefluxMemory
import RefluxModel
import TestSupport
import Testing

/// Every family against `transformers`, from the stored models.
struct FamilyTests {
  @Test(arguments: StoredFamily.names)
  func tableIsThatOfTheFile(name: String) throws {
    let stored = try StoredFamily(name)
    let table = ParameterTable(stored.configuration)
    #expect(table.entries.map(\.name).sorted() == stored.weights.names)
    for entry in table.entries { #expect(entry.shape == stored.weights.shape(entry.name)) }
    #expect(table.entries.reduce(0) { $0 + $1.count } == table.count)
  }

  @Test(arguments: StoredFamily.names)
  func writesTheConfigurationThatItReads(name: String) throws {
    let configuration = try DecoderConfiguration(json: StoredFamily.json(name))
    #expect(try DecoderConfiguration(json: configuration.json()) == configuration)
  }

  @Test(arguments: StoredFamily.names)
  func logitsAgree(name: String) throws {
    let stored = try StoredFamily(name)
    let found: [Float] = try stored.setup(as: Float.self).logits(
      stored.tokens, window: stored.window)
    #expect(relativeError(found, stored.results.floats("logits")) < 1e-5)
  }

  /// Keys and values that were kept serve later tokens.
  @Test(arguments: StoredFamily.names, [1, 7])
  func logitsOfTokensThatComeInPiecesAgree(name: String, size: Int) throws {
    let stored = try StoredFamily(name)
    let pieces = stride(from: 0, to: stored.window, by: size).map {
      Array(stored.tokens[$0..<min($0 + size, stored.window)])
    }
    let found: [Float] = try stored.setup(as: Float.self).logits(
      extending: pieces, window: stored.window)
    let expected = stored.results.floats("logits").prefix(found.count)
    #expect(relativeError(found, Array(expected)) < 1e-5)
  }

  @Test(arguments: StoredFamily.names)
  func lossAndEveryGradientAgree(name: String) throws {
    let stored = try StoredFamily(name)
    let setup: ModelSetup<Float> = try stored.setup()
    let (loss, gradients) = stored.train(setup)
    let expected = Double(stored.results.floats("loss")[0])
    #expect(abs(loss - expected) < 1e-6 * expected)
    // The bias of keys moves all scores of a query alike where positions do not turn it: its exact
    // gradient is 0 there, and what is left is rounding.
    let scale = gradients.map(abs).max() ?? 0
    for entry in setup.decoder.table.entries {
      let found = setup.gradient(entry.name, in: gradients)
      let exact = stored.results.floats("gradients." + entry.name)
      #expect(relativeError(found, exact, atLeast: 1e-3 * scale) < 5e-5, "\(entry.name)")
    }
  }

  @Test(arguments: ["mistral", "qwen3", "gpt2"])
  func anyNumberOfWorkersGivesTheSameBits(name: String) throws {
    let stored = try StoredFamily(name)
    let runs = try [1, 2, 3].map { try stored.train(stored.setup(as: Float.self, workers: $0)) }
    for run in runs.dropFirst() {
      #expect(run.loss == runs[0].loss && run.gradients == runs[0].gradients)
    }
  }

  /// bfloat16 operands keep 8 bits: the gradient points the same way, some per cent off.
  @Test(.enabled(if: Products.supportsBFloat16), arguments: StoredFamily.names)
  func bfloat16StaysNear(name: String) throws {
    let stored = try StoredFamily(name)
    let exact = try stored.train(stored.setup(as: Float.self))
    let rounded = try stored.train(stored.setup(as: BFloat16.self))
    #expect(abs(rounded.loss - exact.loss) < 0.02 * exact.loss)
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let product = dot(rounded.gradients, exact.gradients)
    let norms = dot(rounded.gradients, rounded.gradients) * dot(exact.gradients, exact.gradients)
    #expect(product / norms.squareRoot() > 0.99)
  }
}

/// max |a - b| over max |b|, or over `floor` where that is more; NaN counts as infinite.
func relativeError(
  _ found: [Float], _ expected: [Float], atLeast floor: Float = 0
) -> Double {
  precondition(found.count == expected.count)
  let error = zip(found, expected).map { Double(abs($0 - $1)) }
  if error.contains(where: \.isNaN) { return .infinity }
  return (error.max() ?? 0) / Double(max(expected.map(abs).max() ?? 1, floor))
}
