import Foundation
import RefluxLosses
import RefluxMemory
import RefluxModel
import TestSupport

/// A tiny model of a family and what `transformers` computes with it; made by
/// `References/make_reference.py`.
struct StoredFamily {
  let configuration: DecoderConfiguration
  let weights: StoredTensors
  let results: StoredTensors
  let tokens: [UInt32]
  let labels: [Int]
  let window: Int

  static let names = [
    "llama2", "llama3", "llama-biases", "mistral", "qwen2", "qwen2-window", "qwen3", "gpt2",
    "gpt2-exact", "gemma2",
  ]

  static func path(_ name: String) -> String {
    RepositoryFolder.file("Tests/RefluxModelTests/References/") + name
  }

  static func json(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name) + "/config.json"))
  }

  init(_ name: String) throws {
    configuration = try DecoderConfiguration(json: Self.json(name))
    weights = try StoredTensors(path: Self.path(name) + "/model.safetensors")
    results = try StoredTensors(path: Self.path(name) + "/results.safetensors")
    tokens = results.integers("tokens").map { UInt32($0) }
    labels = results.integers("labels")
    window = results.shape("tokens")[1]
  }

  func setup<Element: Scalar>(
    as: Element.Type = Element.self, workers: Int = 2
  ) throws -> ModelSetup<Element> {
    let setup = try ModelSetup<Element>(configuration, window: window, workers: workers)
    setup.setWeights { weights.floats($0) }
    return setup
  }

  /// Mean cross-entropy against the stored labels, and its gradients.
  func train<Element>(
    _ setup: ModelSetup<Element>, documents: [UInt32] = [], passes: Int = 1,
    recomputes: Bool = false
  ) -> (loss: Double, gradients: [Float]) {
    setup.train(
      tokens, documents: documents, window: window, passes: passes, recomputes: recomputes
    ) { RowTarget(label: labels[$0]) }
  }
}
