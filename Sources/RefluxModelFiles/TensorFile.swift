internal import RefluxBytes
internal import RefluxFiles
package import RefluxInterchange
package import RefluxMemory
internal import RefluxModel

/// Named float32 tensors in one safetensors file, replaced whole.
package enum TensorFile {
  package struct Tensor {
    package var name: String
    package var shape: [Int]
    package var values: View<Float>

    package init(name: String, shape: [Int], values: View<Float>) {
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// Writes the tensors in their order; with float32 the metadata also gets a hash of all values.
  ///
  /// - Throws: `file`, `interchange`, or `weightBeyondFormat` before anything is written.
  package static func save(
    _ tensors: [Tensor], metadata: [String: String], format: WeightFormat = .float32,
    to path: String
  ) throws(ModelFilesError) {
    try format.check(tensors)
    var metadata = metadata
    if format == .float32 { metadata[hashKey] = hexadecimal(hash(tensors)) }
    let layout: SafetensorsFile
    do {
      layout = try SafetensorsFile(
        layingOut: tensors.map {
          TensorDescription(name: $0.name, type: format.type, shape: $0.shape)
        }, metadata: metadata, order: .asGiven)
    } catch { throw .interchange(error) }
    do { try write(tensors, layout.header, format, to: path) } catch { throw .file(error) }
  }

  private static func write(
    _ tensors: [Tensor], _ header: [UInt8], _ format: WeightFormat, to path: String
  ) throws(FileError) {
    var file = try AtomicFile(path: path)
    do throws(FileError) {
      try unsafe file.write(header.span.bytes)
      for tensor in tensors {
        try format.forEachPiece(of: tensor.values) { bytes throws(FileError) in
          try file.write(bytes)
        }
      }
      try file.commit()
    } catch {
      // What was written is of no use, and takes room that may be short.
      try? FileSystem.remove(path: path + AtomicFile.partialSuffix)
      throw error
    }
  }

  package static let hashKey = "xxh64"

  package static func hash(_ tensors: [Tensor]) -> UInt64 {
    var hash = XXH64()
    for tensor in tensors { tensor.values.withBytes { hash.update($0) } }
    return hash.digest()
  }
}

/// A mapped safetensors file whose tensors are copied out by name.
package struct MappedTensors {
  private let map: MappedFile
  package let file: SafetensorsFile

  package init(path: String) throws(ModelFilesError) {
    let mapped: MappedFile
    do { mapped = try MappedFile(path: path) } catch { throw .file(error) }
    do { file = try SafetensorsFile(parsing: mapped.bytes) } catch { throw .interchange(error) }
    map = mapped
  }

  /// See ``Shards/compareHashes(_:)``.
  func compareHash(_ values: (_ name: String) -> View<Float>?) throws(ModelFilesError) {
    guard let stored = file.metadata[TensorFile.hashKey],
      file.tensors.allSatisfy({ $0.type == .f32 })
    else { return }
    var hash = XXH64()
    for tensor in file.tensors {
      guard let values = values(tensor.name) else { return }
      values.withBytes { hash.update($0) }
    }
    if stored != hexadecimal(hash.digest()) { throw .damagedModel }
  }

  /// Copies a tensor of F32, BF16 or F16 values; its shape must be `shape`.
  package func read(_ name: String, shape: [Int], into values: View<Float>) throws(ModelFilesError)
  {
    let tensor: SafetensorsTensor
    do { tensor = try file.tensor(named: name) } catch { throw .interchange(error) }
    if tensor.shape != shape {
      throw .model(.shape(name: name, found: tensor.shape, expected: shape))
    }
    let bytes = map.bytes
    switch tensor.type {
    case .f32: values.copy(from: bytes.extracting(tensor.bytes), as: Float.self)
    case .bf16: values.copy(from: bytes.extracting(tensor.bytes), as: BFloat16.self)
    default:
      do {
        try values.withMutableSpan { values throws(InterchangeError) in
          try tensor.readFloats(0..<tensor.count, from: bytes, into: &values)
        }
      } catch { throw .interchange(error) }
    }
    do { try map.checkWhole() } catch { throw .file(error) }
    map.drop(tensor.bytes)
  }
}
