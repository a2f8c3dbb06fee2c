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

  static func decoder<Element: Scalar>(
    _ path: String, window: Int, _ workers: Workers
  ) throws(Failure) -> Decoder<Element> {
    try at(path) {
      if !FileSystem.isFolder(path: path) || !ModelFolder.exists(at: path) {
        throw Failure(
          path: path,
          "not a model: expected a folder with config.json and model.safetensors")
      }
      return try ModelFolder.load(path, window: window, workers: workers)
    }
  }

  /// The tokenizer of a model's folder, nil where it has none.
  static func tokenizer(_ folder: String) throws(Failure) -> Tokenizer? {
    let path = ModelFolder.tokenizerPath(folder)
    if !FileSystem.exists(path: path) { return nil }
    return try at(path) { try Tokenizer(json: FileSystem.readFile(path: path)) }
  }

  /// The context to use: what was asked for, else 256 or the model's positions where that is less.
  static func window(_ asked: Int?, model: String) throws(Failure) -> Int {
    if let asked { return asked }
    return try at(model) { min(256, try ModelFolder.configuration(at: model).positions) }
  }
}
