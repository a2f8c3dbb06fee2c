internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxMemory
internal import RefluxModel

/// The files that a model's tensors lie in: one, or shards with their index.
struct Shards {
  private var files: [String: MappedTensors] = [:]
  private var places: [String: String] = [:]
  private let only: MappedTensors?

  init(folder: String, weights: String, index: String) throws(ModelFilesError) {
    if FileSystem.exists(path: weights) || !FileSystem.exists(path: index) {
      only = try MappedTensors(path: weights)
      return
    }
    only = nil
    let bytes: [UInt8]
    do { bytes = try FileSystem.readFile(path: index, as: .tensorIndex) } catch {
      throw .file(error)
    }
    let table: SafetensorsIndex
    do { table = try SafetensorsIndex(json: bytes) } catch { throw .interchange(error) }
    for file in table.files {
      files[file] = try Self.naming(file) { () throws(ModelFilesError) in
        try MappedTensors(path: folder + "/" + file)
      }
    }
    for entry in table.entries { places[entry.tensor] = entry.file }
  }

  /// What the files call each tensor of a table: some leave the prefix out.
  ///
  /// - Throws: `model` for a tensor that the table has no place for, whatever it would change.
  func names(of table: ParameterTable) throws(ModelFilesError) -> [String] {
    let found = names
    let isBare = !found.contains { $0.hasPrefix(table.prefix) }
    let expected = table.entries.map { entry in
      isBare && entry.name.hasPrefix(table.prefix)
        ? String(entry.name.dropFirst(table.prefix.count)) : entry.name
    }
    let extra = found.subtracting(expected).filter { !table.canIgnore($0) }
    if let name = extra.min() { throw .model(.extraTensor(name: name)) }
    return expected
  }

  private var names: Set<String> {
    if let only { return Set(only.file.tensors.map(\.name)) }
    return Set(files.values.flatMap { $0.file.tensors.map(\.name) })
  }

  /// Copies a tensor, whose shape must be `shape` and whose values must be finite.
  func read(_ name: String, shape: [Int], into values: View<Float>) throws(ModelFilesError) {
    if let only { return try Self.read(name, shape: shape, into: values, from: only) }
    guard let place = places[name], let file = files[place] else {
      throw .model(.missingTensor(name: name))
    }
    try Self.naming(place) { () throws(ModelFilesError) in
      try Self.read(name, shape: shape, into: values, from: file)
    }
  }

  /// Compares the hash that was written with the values of a file, where there is one and all of
  /// the file's tensors are float32 and in use.
  ///
  /// - Throws: `damagedModel`, within `shard` where there are several files.
  func compareHashes(
    _ values: (_ name: String) -> View<Float>?
  ) throws(ModelFilesError) {
    if let only { return try only.compareHash(values) }
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      try Self.naming(name) { () throws(ModelFilesError) in try file.compareHash(values) }
    }
  }

  private static func read(
    _ name: String, shape: [Int], into values: View<Float>, from file: MappedTensors
  ) throws(ModelFilesError) {
    try file.read(name, shape: shape, into: values)
    if let element = values.firstNotFinite() {
      throw .weight(tensor: name, element: element, found: values[element])
    }
  }

  private static func naming<Result>(
    _ file: String, _ body: () throws(ModelFilesError) -> Result
  ) throws(ModelFilesError) -> Result {
    do { return try body() } catch { throw .shard(name: file, error) }
  }
}
