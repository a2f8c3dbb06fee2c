import Foundation
import RefluxFiles
import RefluxKernels
import RefluxModel
import RefluxStorage
import RefluxTokens
import RefluxTraining

/// Opens what learning verbs read; every failure names its file.
enum ModelInputs {
  static func tokens(_ path: String) throws(Failure) -> TokenStore {
    try at(path) { try TokenStore(path: path) }
  }

  static func samples(_ path: String, of tokens: TokenStore) throws(Failure) -> SampleStore {
    try at(path) {
      let samples = try SampleStore(path: path)
      try samples.check(against: tokens)
      return samples
    }
  }

  /// The sizes of the model in a folder.
  static func configuration(_ folder: String) throws(Failure) -> DecoderConfiguration {
    if !FileSystem.exists(path: folder) {
      throw Failure(path: folder, "there is no such folder; name a model's folder")
    }
    if !FileSystem.isFolder(path: folder) || !ModelFolder.exists(at: folder) {
      throw Failure(
        path: folder, "not a model: expected a folder with config.json and model.safetensors")
    }
    let path = ModelFolder.configurationPath(folder)
    return try at(path) { try ModelFolder.configuration(at: path) }
  }

  /// The model in a folder.
  static func decoder<Element: Scalar>(
    _ folder: String, window: Int, _ workers: Workers
  ) throws(Failure) -> Decoder<Element> {
    let sizes = try configuration(folder)
    let path = ModelFolder.configurationPath(folder)
    try requireMemory(sizes, bytesPerParameter: 4, at: path)
    let decoder = try at(path) {
      try Decoder<Element>(sizes, window: window, workers: workers)
    }
    try at(ModelFolder.weightsFile(folder)) {
      try ModelFolder.loadWeights(into: decoder, from: folder)
    }
    return decoder
  }

  /// Refuses sizes that this machine cannot hold: the system would end the process without a word.
  static func requireMemory(
    _ sizes: DecoderConfiguration, bytesPerParameter: Int, at path: String
  ) throws(Failure) {
    try at(path) { try sizes.validate() }
    let available = ProcessInfo.processInfo.physicalMemory
    let needed = Double(sizes.parameterCount) * Double(bytesPerParameter)
    if needed > Double(available) {
      throw Failure(
        path: path,
        "a model of \(Quantity.scaled(Double(sizes.parameterCount), unit: "parameters")) needs "
          + Quantity.scaled(needed, unit: "bytes") + " of memory, the machine has "
          + Quantity.scaled(Double(available), unit: "bytes") + "; use a smaller one")
    }
  }

  /// The tokenizer of a model's folder, nil where it has none.
  static func tokenizer(_ folder: String) throws(Failure) -> Tokenizer? {
    let path = ModelFolder.tokenizerPath(folder)
    return FileSystem.exists(path: path) ? try tokenizer(at: path) : nil
  }

  static func tokenizer(at path: String) throws(Failure) -> Tokenizer {
    try at(path) { try Tokenizer(json: FileSystem.readFile(path: path)) }
  }

  /// The context to use: what was asked for, else the samples', else 256 or the model's positions
  /// where that is less.
  static func window(
    _ asked: Int?, samples: SampleStore? = nil, sizes: DecoderConfiguration
  ) -> Int {
    asked ?? samples?.context ?? min(256, sizes.positions)
  }
}
