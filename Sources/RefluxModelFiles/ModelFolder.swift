internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxKernels
internal import RefluxMemory
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
  /// The file to name when weights cannot be read: the shards' index where there is no
  /// `model.safetensors`.
  public static func weightsFile(_ path: String) -> String {
    let isSharded =
      !FileSystem.exists(path: weightsPath(path)) && FileSystem.exists(path: indexPath(path))
    return isSharded ? indexPath(path) : weightsPath(path)
  }
  private static func indexPath(_ path: String) -> String {
    path + "/model.safetensors.index.json"
  }

  /// Sizes from `config.json` of a model's folder, or from a file of that layout.
  ///
  /// - Throws: `file`, or `model` when the sizes are missing, impossible or not supported.
  public static func configuration(at path: String) throws(ModelFilesError) -> DecoderConfiguration
  {
    let file = FileSystem.isFolder(path: path) ? configurationPath(path) : path
    let bytes: [UInt8]
    do { bytes = try FileSystem.readFile(path: file, as: .modelConfiguration) } catch {
      throw .file(error)
    }
    do { return try DecoderConfiguration(json: bytes) } catch { throw .model(error) }
  }

  /// The ids that end a text: those of config.json and of generation_config.json.
  ///
  /// - Throws: what ``configuration(at:)`` throws, and `sideFile`.
  public static func endTokens(_ path: String) throws(ModelFilesError) -> Set<UInt32> {
    let text = try ModelText(folder: path, names: [ModelText.generationName])
    let ids = try configuration(at: path).specialTokens.end + text.endsOfGeneration()
    return Set(ids.compactMap { UInt32(exactly: $0) })
  }

  /// A model with the folder's sizes and weights.
  ///
  /// - Parameters:
  ///   - window: the longest window of its passes; nil takes all of the model's positions.
  ///   - precision: format of the operands of its products.
  ///   - workers: the team that its passes run on.
  /// - Throws: what ``configuration(at:)`` and ``loadWeights(into:from:)`` throw.
  public static func load(
    _ path: String, window: Int? = nil, precision: Precision = .float32, workers: Workers
  ) throws(ModelFilesError) -> any LanguageModel {
    let sizes = try configuration(at: path)
    let model: any LanguageModel
    do {
      model = try sizes.makeModel(
        window: window ?? sizes.positions, precision: precision, workers: workers)
    } catch { throw .model(error) }
    try loadWeights(into: model, from: path)
    return model
  }

  /// Copies all weights; F32, BF16 and F16 are read.
  ///
  /// The files are mapped, and the pages of each tensor let go when it is copied: in memory the
  /// weights are the model's float32 and, with `bfloat16`, its operands, and no more than one
  /// tensor of the files.
  ///
  /// - Throws: `file`, `interchange`, `model` for a missing tensor, one of another shape or one
  ///   that the configuration has no use for, `weight` for a value that is not finite,
  ///   `damagedModel` where a hash of the values was stored with them and does not match; `shard`
  ///   around these where a model has several files.
  public static func loadWeights(
    into model: any LanguageModel, from path: String
  ) throws(ModelFilesError) {
    let shards = try Shards(folder: path, weights: weightsPath(path), index: indexPath(path))
    let names = try shards.names(of: model.table)
    for (entry, name) in zip(model.table.entries, names) {
      let values = model.weights.slice(entry.offset, entry.count)
      do { try shards.read(name, shape: entry.shape, into: values) } catch {
        throw explained(error, entry, model.table)
      }
    }
    let own = Dictionary(uniqueKeysWithValues: zip(names, tensors(model)))
    try shards.compareHashes { own[$0]?.values }
    model.weightsChanged()
  }

  /// A table with too many or too few rows is a matter of padded vocabularies.
  private static func explained(
    _ error: ModelFilesError, _ entry: ParameterTable.Entry, _ table: ParameterTable
  ) -> ModelFilesError {
    switch error {
    case .model(.shape(let name, let found, let expected))
    where table.hasRowPerID(entry) && found.count == 2 && found[1] == expected[1]:
      .model(.vocabularyRows(name: name, found: found[0], vocabulary: expected[0]))
    case .shard(let file, let error): .shard(name: file, explained(error, entry, table))
    default: error
    }
  }

  /// Writes configuration, the files for text and weights; each file is replaced whole.
  ///
  /// - Parameters:
  ///   - text: the files for text, and the special ids of config.json; nil for none, and the
  ///     configuration's own.
  ///   - format: float32 keeps the weights as they are; a run cannot resume from the others.
  ///   - shardBytes: the most bytes of weights in a file; more tensors make shards with an index,
  ///     as `transformers` writes them. A tensor is never cut.
  /// - Throws: `file`, or `weightBeyondFormat` for a weight that float16 has no number for.
  public static func save(
    _ model: any LanguageModel, to path: String, text: ModelText?,
    format: WeightFormat = .float32, shardBytes: Int = 5_000_000_000
  ) throws(ModelFilesError) {
    do {
      try FileSystem.createDirectory(path: path)
      var sizes = model.configuration
      sizes.specialTokens = text?.specialTokens ?? sizes.specialTokens
      let json = sizes.json(weights: format.rawValue)
      try FileSystem.writeFile(path: configurationPath(path), bytes: json)
      try text?.save(to: path)
    } catch { throw .file(error) }
    let shards = ShardWriter(folder: path, format: format, shardBytes: shardBytes)
    try shards.save(tensors(model), weights: weightsPath(path), index: indexPath(path))
  }

  private static func tensors(_ model: any LanguageModel) -> [TensorFile.Tensor] {
    model.table.entries.map { entry in
      TensorFile.Tensor(
        name: entry.name, shape: entry.shape,
        values: model.weights.slice(entry.offset, entry.count))
    }
  }
}
