import Foundation
import RefluxFiles
import RefluxInterchange
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import TestSupport
import Testing

struct ModelFolderTests {
  let folder = TemporaryFolder()

  private func load(_ path: String) throws -> [Float] {
    let decoder = try ModelFolder.load(path, workers: Workers(count: 1))
    return withExtendedLifetime(decoder) {
      (0..<decoder.weights.count).map { decoder.weights[$0] }
    }
  }

  /// The stored model's tensors in the order of our table, read by the tests' own reader.
  private func stored(_ model: String) throws -> [Float] {
    let json = try StoredRun.configuration(model)
    let table = ParameterTable(try DecoderConfiguration(json: json))
    let tensors = try StoredRun.weights(model)
    return table.entries.flatMap { tensors.floats($0.name) }
  }

  private func copy(_ model: String, to name: String) throws -> String {
    let path = folder.file(name)
    try FileManager.default.copyItem(atPath: StoredRun.folder + "/" + model, toPath: path)
    return path
  }

  private func write(_ tensors: [(String, TensorType, [Int], [UInt8])], to path: String) throws {
    let bytes = try SafetensorsFile.encode(
      tensors: tensors.map { (TensorDescription(name: $0.0, type: $0.1, shape: $0.2), $0.3) })
    try FileSystem.writeFile(path: path, bytes: bytes)
  }

  /// The stored tensors as bytes of `type`, exactly or rounded.
  private func tensors(
    _ model: String, _ type: TensorType, _ bits: (Float) -> [UInt8]
  ) throws -> [(String, TensorType, [Int], [UInt8])] {
    let file = try StoredRun.weights(model)
    return file.names.map { ($0, type, file.shape($0), file.floats($0).flatMap(bits)) }
  }

  private func littleEndian<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
    withUnsafeBytes(of: word.littleEndian) { Array($0) }
  }

  @Test(arguments: ["grouped", "plain", "teacher"])
  func readsWhatSafetensorsWrote(model: String) throws {
    #expect(ModelFolder.exists(at: StoredRun.folder + "/" + model))
    #expect(try load(StoredRun.folder + "/" + model) == stored(model))
  }

  @Test(arguments: ["grouped", "plain", "teacher"])
  func writesWhatItReads(model: String) throws {
    let decoder = try ModelFolder.load(
      StoredRun.folder + "/" + model, workers: Workers(count: 1))
    let path = folder.file("saved/model")
    let tokenizer = Array("{}".utf8)
    try FileSystem.writeFile(path: folder.file("tokenizer.json"), bytes: tokenizer)
    let text = try ModelText(folder: folder.path)
    try ModelFolder.save(decoder, to: path, text: text)
    #expect(ModelFolder.exists(at: path))
    #expect(try ModelFolder.configuration(at: path) == decoder.configuration)
    #expect(try load(path) == stored(model))
    #expect(try FileSystem.readFile(path: ModelFolder.tokenizerPath(path)) == tokenizer)
    // By the tests' own reader: names, shapes and values as in the file of `safetensors`.
    let (saved, source) = (
      try StoredTensors(path: ModelFolder.weightsPath(path)), try StoredRun.weights(model)
    )
    #expect(saved.names == source.names)
    for name in source.names {
      #expect(saved.shape(name) == source.shape(name))
      #expect(saved.floats(name) == source.floats(name))
    }
  }

  @Test func readsBFloat16AndFloat16() throws {
    let path = try copy("plain", to: "model")
    let weights = path + "/model.safetensors"
    try write(
      tensors("plain", .bf16) { littleEndian(BFloat16(rounding: $0).bits) }, to: weights)
    #expect(try load(path) == stored("plain").map { BFloat16(rounding: $0).float })
    try write(tensors("plain", .f16) { littleEndian(Float16($0).bitPattern) }, to: weights)
    #expect(try load(path) == stored("plain").map { Float(Float16($0)) })
  }

  @Test func readsShards() throws {
    let path = try copy("plain", to: "model")
    try FileSystem.remove(path: path + "/model.safetensors")
    let all = try tensors("plain", .f32) { littleEndian($0.bitPattern) }
    var places: [String: String] = [:]
    for (index, half) in [all[..<10], all[10...]].enumerated() {
      let name = "model-0000\(index + 1)-of-00002.safetensors"
      try write(Array(half), to: path + "/" + name)
      for tensor in half { places[tensor.0] = name }
    }
    let index: [String: Any] = ["metadata": ["total_size": 1], "weight_map": places]
    let json = try JSONSerialization.data(withJSONObject: index)
    try FileSystem.writeFile(path: path + "/model.safetensors.index.json", bytes: [UInt8](json))
    #expect(ModelFolder.exists(at: path))
    #expect(try load(path) == stored("plain"))
    try FileSystem.remove(path: path + "/model-00002-of-00002.safetensors")
    #expect(throws: ModelFilesError.self) { try load(path) }
  }

  // MARK: Shards and formats

  @Test(arguments: ["grouped", "plain"], [1, 3000, 5000, 20_000])
  func writesShardsThatItReads(model: String, shardBytes: Int) throws {
    let decoder = try ModelFolder.load(
      StoredRun.folder + "/" + model, workers: Workers(count: 1))
    let path = folder.file("model")
    // An earlier model of one file, whose place the shards take, and back again.
    try ModelFolder.save(decoder, to: path, text: nil)
    try ModelFolder.save(decoder, to: path, text: nil, shardBytes: shardBytes)
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    #expect(!names.contains("model.safetensors"))
    #expect(names.contains("model.safetensors.index.json"))
    #expect(try load(path) == stored(model))
    let shards = names.filter { $0.hasSuffix(".safetensors") }.sorted()
    for (index, shard) in shards.enumerated() {
      let end = String(format: "model-%05d-of-%05d.safetensors", index + 1, shards.count)
      #expect(shard == end)
    }
    if shardBytes == 1 { #expect(shards.count == decoder.table.entries.count) }
    // A byte of a weight, in the last shard.
    var bytes = try FileSystem.readFile(path: path + "/" + shards.last!)
    bytes[bytes.count - 3] ^= 1
    try FileSystem.writeFile(path: path + "/" + shards.last!, bytes: bytes)
    let error = #expect(throws: ModelFilesError.self) { try load(path) }
    let text = "\(try #require(error))"
    #expect(text.contains(shards.last!) && text.contains("hash"))
    try ModelFolder.save(decoder, to: path, text: nil)
    #expect(try load(path) == stored(model))
    #expect(!FileSystem.exists(path: path + "/model.safetensors.index.json"))
  }

  @Test func writesBFloat16AndFloat16() throws {
    let decoder = try ModelFolder.load(
      StoredRun.folder + "/plain", workers: Workers(count: 1))
    let path = folder.file("model")
    func dtype() throws -> String? {
      let json = try FileSystem.readFile(path: path + "/config.json")
      let object = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
      return object?["torch_dtype"] as? String
    }
    try ModelFolder.save(decoder, to: path, text: nil, format: .bfloat16)
    #expect(try load(path) == stored("plain").map { BFloat16(rounding: $0).float })
    #expect(try dtype() == "bfloat16")
    try ModelFolder.save(decoder, to: path, text: nil, format: .float16, shardBytes: 4000)
    #expect(try load(path) == stored("plain").map { Float(Float16($0)) })
    #expect(try dtype() == "float16")
    decoder.weights[7] = 65_520
    let error = #expect(throws: ModelFilesError.self) {
      try ModelFolder.save(decoder, to: path, text: nil, format: .float16)
    }
    let text = "\(try #require(error))"
    #expect(text.contains("model.embed_tokens.weight") && text.contains("65520"))
    try ModelFolder.save(decoder, to: path, text: nil, format: .bfloat16)
  }

  // MARK: Other families

  private static let families = RepositoryFolder.file("Tests/RefluxModelTests/References/")

  @Test(arguments: ["llama3", "llama-biases", "mistral", "qwen2", "qwen2-window", "qwen3", "gpt2"])
  func readsAndWritesAllFamilies(family: String) throws {
    let decoder = try ModelFolder.load(
      Self.families + family, workers: Workers(count: 1))
    let source = try StoredTensors(path: Self.families + family + "/model.safetensors")
    let path = folder.file("model")
    try ModelFolder.save(decoder, to: path, text: nil)
    let saved = try StoredTensors(path: path + "/model.safetensors")
    #expect(saved.names == source.names)
    for name in source.names {
      #expect(saved.shape(name) == source.shape(name))
      #expect(saved.floats(name) == source.floats(name))
    }
  }

  /// GPT-2's own files have no prefix, and carry masks along.
  @Test func prefixesMayBeLeftOutAndBuffersAreIgnored() throws {
    let source = try StoredTensors(path: Self.families + "gpt2/model.safetensors")
    var tensors = source.names.map { name in
      let bare = name.hasPrefix("transformer.") ? String(name.dropFirst(12)) : name
      return (
        bare, TensorType.f32, source.shape(name),
        source.floats(name).flatMap { littleEndian($0.bitPattern) }
      )
    }
    for layer in 0..<2 { tensors.append(("h.\(layer).attn.bias", .u8, [1, 2], [1, 0])) }
    tensors.append(("lm_head.weight", .f32, [1], [0, 0, 0, 0]))
    let path = folder.file("model")
    try FileManager.default.copyItem(atPath: Self.families + "gpt2", toPath: path)
    try write(tensors, to: path + "/model.safetensors")
    #expect(try load(path) == load(Self.families + "gpt2"))
  }

  @Test func tensorsWithoutAPlaceAreNamed() throws {
    let path = try copy("plain", to: "model")
    let all = try tensors("plain", .f32) { littleEndian($0.bitPattern) }
    let name = "model.layers.0.self_attn.q_proj.bias"
    try write(all + [(name, .f32, [1], [0, 0, 0, 0])], to: path + "/model.safetensors")
    let error = #expect(throws: ModelFilesError.self) { try load(path) }
    #expect("\(try #require(error))".contains(name))
    let old = "model.layers.0.self_attn.rotary_emb.inv_freq"
    try write(all + [(old, .f32, [1], [0, 0, 0, 0])], to: path + "/model.safetensors")
    #expect(try load(path) == stored("plain"))
  }

  /// Tables with more rows than the configuration has ids: both numbers, and what to do.
  @Test func paddedTablesAreToldApart() throws {
    let path = try copy("grouped", to: "model")
    let all = try tensors("grouped", .f32) { littleEndian($0.bitPattern) }.map { tensor in
      var tensor = tensor
      if tensor.0 == "model.embed_tokens.weight" {
        tensor.2[0] += 5
        tensor.3 += [UInt8](repeating: 0, count: 4 * 5 * tensor.2[1])
      }
      return tensor
    }
    try write(all, to: path + "/model.safetensors")
    let error = #expect(throws: ModelFilesError.self) { try load(path) }
    let text = "\(try #require(error))"
    for part in [
      "model.embed_tokens.weight", "72 rows", "vocab_size is 67", "set vocab_size to 72",
    ] {
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test func missingAndMisshapenTensorsAreNamed() throws {
    let path = try copy("plain", to: "model")
    let all = try tensors("plain", .f32) { littleEndian($0.bitPattern) }
    let name = "model.layers.1.mlp.up_proj.weight"
    let place = try #require(all.firstIndex { $0.0 == name })
    func message(_ tensors: [(String, TensorType, [Int], [UInt8])]) throws -> String {
      try write(tensors, to: path + "/model.safetensors")
      let error = #expect(throws: ModelFilesError.self) { try load(path) }
      return "\(try #require(error))"
    }
    var changed = all
    changed.remove(at: place)
    #expect(try message(changed).contains(name))
    changed = all
    changed[place].2 = changed[place].2.reversed()
    let text = try message(changed)
    #expect(text.contains(name) && text.contains("[32, 24]") && text.contains("[24, 32]"))
    changed = all
    changed[place].1 = .i32
    #expect(try message(changed).contains(name))
  }

  @Test func foldersThatAreNoModelAreRefused() throws {
    let path = folder.file("nothing")
    #expect(!ModelFolder.exists(at: path))
    #expect(throws: ModelFilesError.self) { try load(path) }
    try FileSystem.createDirectory(path: path)
    #expect(!ModelFolder.exists(at: path))
    #expect(throws: ModelFilesError.self) { try load(path) }
    try FileSystem.writeFile(path: path + "/config.json", bytes: Array("text".utf8))
    #expect(throws: ModelFilesError.self) { try load(path) }
    let whole = try copy("plain", to: "cut")
    let bytes = try FileSystem.readFile(path: whole + "/model.safetensors")
    for count in [0, 7, 8, 100, bytes.count / 2, bytes.count - 1] {
      try FileSystem.writeFile(path: whole + "/model.safetensors", bytes: Array(bytes[..<count]))
      #expect(throws: ModelFilesError.self, "\(count) bytes") { try load(whole) }
    }
  }
}
