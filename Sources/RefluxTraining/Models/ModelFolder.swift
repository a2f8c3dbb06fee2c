internal import Foundation
internal import RefluxFiles
internal import RefluxInterchange
public import RefluxKernels
public import RefluxModel

/// A model on disk in Hugging Face's layout: `config.json`, `model.safetensors` or shards with
/// their index, and `tokenizer.json`.
public enum ModelFolder {
  /// Whether there is a model to load.
  public static func exists(at path: String) -> Bool {
    FileSystem.exists(path: configurationPath(path))
      && (FileSystem.exists(path: weightsPath(path)) || FileSystem.exists(path: indexPath(path)))
  }

  /// Where the sizes of the model in folder `path` are.
  public static func configurationPath(_ path: String) -> String { path + "/config.json" }
  /// Where the weights are, unless they are in shards.
  public static func weightsPath(_ path: String) -> String { path + "/model.safetensors" }
  /// Where the model's tokenizer is; a model may come without one.
  public static func tokenizerPath(_ path: String) -> String { path + "/tokenizer.json" }
  private static func indexPath(_ path: String) -> String {
    path + "/model.safetensors.index.json"
  }

  /// Sizes from `config.json` of a model's folder, or from a file of that layout.
  ///
  /// Throws `file`, or `model` when the sizes are missing, impossible or not supported.
  public static func configuration(at path: String) throws(TrainingError) -> DecoderConfiguration {
    let file = FileSystem.isFolder(path: path) ? configurationPath(path) : path
    let bytes: [UInt8]
    do { bytes = try FileSystem.readFile(path: file, limit: 1 << 20) } catch {
      throw .file(error)
    }
    do { return try DecoderConfiguration(json: Data(bytes)) } catch { throw .model(error) }
  }

  /// A decoder with the folder's weights.
  ///
  /// - Parameter window: the longest window of its passes; nil takes all of the model's positions.
  public static func load<Element: Scalar>(
    _ path: String, as: Element.Type = Element.self, window: Int? = nil, workers: Workers
  ) throws(TrainingError) -> Decoder<Element> {
    let sizes = try configuration(at: path)
    let decoder: Decoder<Element>
    do {
      decoder = try Decoder(sizes, window: window ?? sizes.positions, workers: workers)
    } catch { throw .model(error) }
    try loadWeights(into: decoder, from: path)
    return decoder
  }

  /// Copies all weights; F32, BF16 and F16 are read.
  ///
  /// Throws `file`, `interchange`, or `model` for a missing tensor or one of another shape.
  public static func loadWeights<Element: Scalar>(
    into decoder: Decoder<Element>, from path: String
  ) throws(TrainingError) {
    let shards = try Shards(folder: path, weights: weightsPath(path), index: indexPath(path))
    for entry in decoder.table.entries {
      try shards.file(of: entry.name).read(
        entry.name, shape: entry.shape,
        into: decoder.weights.slice(entry.offset, entry.count))
    }
    decoder.weightsChanged()
  }

  /// Writes configuration, weights (float32) and tokenizer; each file is replaced whole.
  public static func save<Element: Scalar>(
    _ decoder: Decoder<Element>, to path: String, tokenizer: [UInt8]?
  ) throws(TrainingError) {
    do {
      try FileSystem.createDirectory(path: path)
      let sizes = [UInt8](decoder.configuration.json())
      try FileSystem.writeFile(path: configurationPath(path), bytes: sizes)
      if let tokenizer {
        try FileSystem.writeFile(path: tokenizerPath(path), bytes: tokenizer)
      }
    } catch { throw .file(error) }
    let tensors = decoder.table.entries.map { entry in
      TensorFile.Tensor(
        name: entry.name, shape: entry.shape,
        values: decoder.weights.slice(entry.offset, entry.count))
    }
    try TensorFile.save(tensors, metadata: ["format": "pt"], to: weightsPath(path))
  }
}

/// The files that a model's tensors lie in.
private struct Shards {
  private var files: [String: MappedTensors] = [:]
  private var places: [String: String] = [:]
  private let only: MappedTensors?

  init(folder: String, weights: String, index: String) throws(TrainingError) {
    if FileSystem.exists(path: weights) || !FileSystem.exists(path: index) {
      only = try MappedTensors(path: weights)
      return
    }
    only = nil
    let bytes: [UInt8]
    do { bytes = try FileSystem.readFile(path: index, limit: 1 << 26) } catch {
      throw .file(error)
    }
    let table: SafetensorsIndex
    do { table = try SafetensorsIndex(json: bytes) } catch { throw .interchange(error) }
    for file in table.files { files[file] = try MappedTensors(path: folder + "/" + file) }
    for entry in table.entries { places[entry.tensor] = entry.file }
  }

  func file(of tensor: String) throws(TrainingError) -> MappedTensors {
    if let only { return only }
    guard let place = places[tensor], let file = files[place] else {
      throw .model(.missingTensor(name: tensor))
    }
    return file
  }
}
