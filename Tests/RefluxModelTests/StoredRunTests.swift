import Foundation
import RefluxKernels
import RefluxMemory
import RefluxModel
import TestSupport
import Testing

private let models = ["grouped", "plain"]

/// max |a - b| / max |b|; NaN counts as infinite.
private func relativeError(_ found: [Float], _ expected: [Float]) -> Double {
  precondition(found.count == expected.count)
  let error = zip(found, expected).map { Double(abs($0 - $1)) }
  if error.contains(where: \.isNaN) { return .infinity }
  return (error.max() ?? 0) / Double(expected.map(abs).max() ?? 1)
}

private func summary(_ values: [Float]) -> (norm: Double, probe: Double) {
  let norm = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  let probe = values.indices.reduce(0) { $0 + Double(values[$1]) * cos(Double($1)) }
  return (norm, probe)
}

/// The model against `transformers` and float64, from the stored run.
struct StoredRunTests {
  @Test(arguments: models + ["teacher"])
  func tableIsThatOfTheFile(model: String) throws {
    let setup = try ModelSetup<Float>(model)
    let stored = try StoredRun.weights(model)
    let entries = setup.decoder.table.entries
    #expect(entries.map(\.name).sorted() == stored.names)
    for entry in entries { #expect(entry.shape == stored.shape(entry.name)) }
    #expect(entries.reduce(0) { $0 + $1.count } == setup.decoder.table.count)
    #expect(setup.configuration.parameterCount == setup.decoder.table.count)
  }

  @Test(arguments: models)
  func logitsAgree(model: String) throws {
    let (setup, batch) = (try ModelSetup<Float>(model, workers: 2), try StoredBatch())
    let stored = try StoredRun.results(model).floats("logits")
    let found = setup.logits(batch.tokens, window: batch.window)
    #expect(relativeError(found, stored) < 1e-5)
  }

  @Test(arguments: models)
  func logitsOfTokensThatComeInPiecesAgree(model: String) throws {
    let (setup, batch) = (try ModelSetup<Float>(model), try StoredBatch())
    let width = setup.configuration.vocabularySize
    let stored = try StoredRun.results(model).floats("logits").prefix(batch.window * width)
    for size in [1, 5, 12] {
      let pieces = stride(from: 0, to: batch.window, by: size).map {
        Array(batch.tokens[$0..<min($0 + size, batch.window)])
      }
      let found = setup.logits(extending: pieces, window: batch.window)
      #expect(relativeError(found, Array(stored)) < 1e-5, "pieces of \(size)")
    }
  }

  @Test(arguments: models, StoredLoss.allCases)
  func lossAndEveryGradientAgree(model: String, kind: StoredLoss) throws {
    let (setup, batch) = (try ModelSetup<Float>(model, workers: 2), try StoredBatch())
    let course = try #require(try StoredRun.load().runs[model]?[kind.rawValue])
    let results = try StoredRun.results(model)
    let (loss, gradients) = batch.run(setup, kind)
    #expect(abs(loss - course.losses[0]) < 5e-6 * course.losses[0])
    #expect(Set(course.gradients.keys) == Set(setup.decoder.table.entries.map(\.name)))
    for (name, expected) in course.gradients {
      let found = setup.gradient(name, in: gradients)
      let (norm, probe) = summary(found)
      #expect(abs(norm - expected.norm) < 2e-5 * expected.norm, "\(name)")
      #expect(abs(probe - expected.probe) < 2e-5 * expected.norm, "\(name)")
      let key = "gradients.\(kind.rawValue).\(name)"
      if results.names.contains(key) {
        #expect(relativeError(found, results.floats(key)) < 2e-5, "\(name)")
      }
    }
    let norm = summary(gradients).norm
    #expect(abs(norm - course.gradient_norms[0]) < 1e-5 * norm)
  }

  /// At least these tensors are compared in full, not by norm and probe alone.
  @Test func storedGradientsAreComplete() throws {
    for (model, kinds) in [("grouped", ["rskd", "topk"]), ("plain", ["ce"])] {
      let names = Set(try StoredRun.results(model).names)
      for name in try StoredRun.weights(model).names {
        for kind in kinds { #expect(names.contains("gradients.\(kind).\(name)")) }
      }
    }
  }

  /// bfloat16 operands keep 8 bits: the gradient points the same way, a few per mille off.
  @Test(.enabled(if: Products.supportsBFloat16), arguments: models)
  func bfloat16StaysNear(model: String) throws {
    let (setup, batch) = (try ModelSetup<BFloat16>(model, workers: 2), try StoredBatch())
    let exact = try ModelSetup<Float>(model)
    for kind in StoredLoss.allCases {
      let (loss, gradients) = batch.run(setup, kind)
      let (expectedLoss, expected) = batch.run(exact, kind)
      #expect(abs(loss - expectedLoss) < 0.02 * expectedLoss)
      let dot = zip(gradients, expected).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let norms = (summary(gradients).norm, summary(expected).norm)
      #expect(dot / (norms.0 * norms.1) > 0.998, "\(kind)")
      #expect(abs(norms.0 / norms.1 - 1) < 0.02, "\(kind)")
    }
  }
}
