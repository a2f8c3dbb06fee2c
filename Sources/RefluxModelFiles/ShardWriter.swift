internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxJSON
internal import RefluxMemory

/// Writes a model's tensors into one file, or into shards with their index.
struct ShardWriter {
  let folder: String
  let format: WeightFormat
  let shardBytes: Int

  /// Afterwards the folder has either the file or the index; what an earlier model left of the
  /// other is removed last, so that there is a whole model at every moment.
  func save(
    _ tensors: [TensorFile.Tensor], weights: String, index: String
  ) throws(ModelFilesError) {
    let shards = split(tensors)
    let metadata = ["format": "pt"]
    if shards.count == 1 {
      try TensorFile.save(tensors, metadata: metadata, format: format, to: weights)
      return try remove(index)
    }
    let names = shards.indices.map { name($0, of: shards.count) }
    for (name, shard) in zip(names, shards) {
      try TensorFile.save(shard, metadata: metadata, format: format, to: folder + "/" + name)
    }
    do { try FileSystem.writeFile(path: index, bytes: self.index(shards, names)) } catch {
      throw .file(error)
    }
    try remove(weights)
  }

  private func remove(_ path: String) throws(ModelFilesError) {
    if !FileSystem.exists(path: path) { return }
    do { try FileSystem.remove(path: path) } catch { throw .file(error) }
  }

  private func bytes(_ tensor: TensorFile.Tensor) -> Int {
    tensor.values.count * format.type.bitWidth / 8
  }

  private func split(_ tensors: [TensorFile.Tensor]) -> [[TensorFile.Tensor]] {
    var (shards, room) = ([[TensorFile.Tensor]](), 0)
    for tensor in tensors {
      if shards.isEmpty || bytes(tensor) > room {
        shards.append([])
        room = shardBytes
      }
      shards[shards.count - 1].append(tensor)
      room -= bytes(tensor)
    }
    return shards
  }

  private func name(_ shard: Int, of count: Int) -> String {
    func digits(_ number: Int) -> String {
      String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
    }
    return "model-\(digits(shard + 1))-of-\(digits(count)).safetensors"
  }

  private func index(_ shards: [[TensorFile.Tensor]], _ names: [String]) -> [UInt8] {
    var (map, total) = ([JSONObject.Member](), 0)
    for (name, shard) in zip(names, shards) {
      for tensor in shard {
        map.append(JSONObject.Member(tensor.name, .string(name)))
        total += bytes(tensor)
      }
    }
    let index: JSONObject = [
      "metadata": .object(["total_size": .integer(total)]),
      "weight_map": .object(JSONObject(map)),
    ]
    return JSONValue.object(index).encoded(indented: true)
  }
}
