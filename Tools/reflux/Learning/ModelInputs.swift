import Foundation
import RefluxBytes
import RefluxFiles
import RefluxKernels
import RefluxModel
import RefluxModelFiles
import RefluxStorage
import RefluxTokens

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
    if let lack = ModelFolder.lack(at: folder) { throw Failure(path: folder, lack) }
    let path = ModelFolder.configurationPath(folder)
    return try at(path) { try ModelFolder.configuration(at: path) }
  }

  /// The same, where the weights alone fit the machine and the window the model.
  static func sizes(_ folder: String, window: Int) throws(Failure) -> DecoderConfiguration {
    let (sizes, path) = (try configuration(folder), ModelFolder.configurationPath(folder))
    try requireMemory(sizes, bytesPerParameter: 4, at: path)
    if window > sizes.positions {
      throw Failure(
        ModelError.windowTooLong(found: window, positions: sizes.positions), at: path)
    }
    return sizes
  }

  /// The model in a folder.
  static func decoder<Element: Scalar>(
    _ folder: String, window: Int, _ workers: Workers
  ) throws(Failure) -> Decoder<Element> {
    let sizes = try sizes(folder, window: window)
    let path = ModelFolder.configurationPath(folder)
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

  /// Says which ids are padding where two tables differ in size.
  static func notePadding(_ model: String, ids: Int, other: Int) {
    if let note = VocabularyFit.note(model: ids, other: other) {
      Console.note("reflux: \(model): \(note)")
    }
  }

  /// What the folder of a model says about its tokenizer.
  static func tokenizerClaim(_ folder: String) throws(Failure) -> TokenizerClaim {
    _ = try configuration(folder)
    return TokenizerClaim(model: folder)
  }

  /// Refuses parts of different tokenizers; says which ones cannot be compared.
  ///
  /// - Parameter folders: where tokenizers may lie beside those that the claims are of.
  static func requireOneTokenizer(
    _ claims: [TokenizerClaim], folders: [String] = []
  ) throws(Failure) {
    let agreement = TokenizerAgreement(claims, folders: folders)
    do {
      for note in try agreement.check() { Console.note("reflux: \(note)") }
    } catch { throw Failure(error) }
  }

  /// The tokenizer of a model's folder, nil where it has none.
  static func tokenizer(_ folder: String) throws(Failure) -> Tokenizer? {
    let path = ModelFolder.tokenizerPath(folder)
    return FileSystem.exists(path: path) ? try tokenizer(at: path) : nil
  }

  static func tokenizer(at path: String) throws(Failure) -> Tokenizer {
    try at(path) { try Tokenizer(json: FileSystem.readFile(path: path, as: .tokenizer)) }
  }

  /// The context to use: what was asked for, else the samples', else 256 or the model's positions
  /// where that is less.
  static func window(
    _ asked: Int?, samples: SampleStore? = nil, sizes: DecoderConfiguration
  ) -> Int {
    asked ?? samples?.context ?? min(256, sizes.positions)
  }
}
