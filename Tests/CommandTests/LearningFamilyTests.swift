import Foundation
import RefluxStorage
import TestSupport
import Testing

/// Models that `transformers` made, through the command: what they compute is what it computes.
@Suite struct LearningFamilyTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }

  private static let references = RepositoryFolder.file("Tests/RefluxModelTests/References/")

  /// Writes `tokens.rfx`, the two stored windows of 20 tokens, and returns the stored results.
  private func makeTokens(_ family: String) throws -> StoredTensors {
    let results = try StoredTensors(path: Self.references + family + "/results.safetensors")
    let writer = try TokenStoreWriter(
      path: folder.file("tokens.rfx"), configuration: TokenStoreConfiguration(vocabularySize: 53))
    let tokens = results.integers("tokens").map { UInt32($0) }
    // One more, so that the second window has a label for its last position.
    try writer.append(document: (tokens + [0]).span)
    _ = try writer.seal()
    return results
  }

  /// Log-probabilities of the first 40 positions by `cache` and `cat`.
  private func distribution(_ model: String, _ store: String) throws -> [[Int: Double]] {
    try samples.done(
      "cache", "--teacher", model, "--tokens", "tokens.rfx", "--output", store, "--estimator",
      "topk", "--rounds", "53", "--context", "20", "--precision", "float32", "--quiet")
    let rows = try JSONRows(samples.done("cat", store, "--records", "0..<40", "--json")).rows
    return rows.map { row in
      let (ids, weights) = (row["ids"] as? [Int] ?? [], row["weights"] as? [Double] ?? [])
      return Dictionary(uniqueKeysWithValues: zip(ids, weights.map { log($0) }))
    }
  }

  @Test(arguments: ["llama3", "mistral", "qwen2-window", "qwen3", "gemma2", "gpt2"])
  func cachedDistributionsAreThoseOfTransformers(family: String) throws {
    let logits = try makeTokens(family).floats("logits").map(Double.init)
    let found = try distribution(Self.references + family, "samples.rfx")
    for row in 0..<40 {
      let values = logits[row * 53..<(row + 1) * 53]
      let high = values.max() ?? 0
      let whole = high + log(values.reduce(0) { $0 + exp($1 - high) })
      #expect(found[row].count == 53)
      for (id, value) in values.enumerated() {
        let error = abs((found[row][id] ?? .infinity) - (value - whole))
        #expect(error < 1e-4, "row \(row), id \(id)")
      }
    }
  }

  /// A trained model is a model of its family: the same names, another loss.
  @Test(arguments: ["llama3", "mistral", "qwen2-window", "qwen3", "gemma2", "gpt2"])
  func trainedModelsStayInTheirFamily(family: String) throws {
    _ = try makeTokens(family)
    let source = Self.references + family
    try samples.done(
      "train", "--student", source, "--tokens", "tokens.rfx", "--loss", "ce", "--output", "trained",
      "--steps", "4", "--batch", "2", "--window", "20", "--learning-rate", "0.01", "--precision",
      "float32", "--quiet")
    let losses = try [source, "trained"].map { model in
      try JSONRows(
        samples.done(
          "evaluate", "--model", model, "--tokens", "tokens.rfx", "--context", "20", "--precision",
          "float32", "--json")
      ).numbers("lm_loss")[0]
    }
    #expect(losses[1] < losses[0] - 0.1)
    let names = try [source, folder.file("trained")].map {
      try StoredTensors(path: $0 + "/model.safetensors").names
    }
    #expect(names[0] == names[1])
    let json = try folder.bytes("trained/config.json")
    let object = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
    #expect(
      (object?["model_type"] as? String).map { family.hasPrefix($0) || $0 == "llama" } == true)
  }

  /// The whole way and back into `transformers`, where `REFLUX_PYTHON` names an interpreter that
  /// has it.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["REFLUX_PYTHON"] != nil))
  func transformersLoadsWhatWasTrained() throws {
    let python = Process()
    let path = ProcessInfo.processInfo.environment["REFLUX_PYTHON"] ?? ""
    python.executableURL = URL(fileURLWithPath: path)
    python.arguments = [Self.references + "round_trip.py", Command.program]
    try python.run()
    python.waitUntilExit()
    #expect(python.terminationStatus == 0)
  }
}
