/// The header of a safetensors file: its tensors, where their bytes are, and its metadata.
///
/// The value holds no tensor data: it says which bytes of the file they are, so that a mapped model
/// costs no memory. Made by parsing a file, or by laying out a new one.
public struct SafetensorsFile: Equatable, Sendable {
  /// The longest header that is read, in bytes. The format allows 100 MB; models of hundreds of
  /// billions of parameters stay below 1 MB.
  public static let headerLimit = 1 << 25

  /// The tensors in the order of their bytes.
  public let tensors: [SafetensorsTensor]
  /// The free texts under `__metadata__`.
  public let metadata: [String: String]
  /// The length of the whole file in bytes.
  public let byteCount: Int

  private let indices: [[UInt8]: Int]

  init(tensors: [SafetensorsTensor], metadata: [String: String], byteCount: Int) {
    self.tensors = tensors
    self.metadata = metadata
    self.byteCount = byteCount
    var indices: [[UInt8]: Int] = [:]
    for (index, tensor) in tensors.enumerated() { indices[Array(tensor.name.utf8)] = index }
    self.indices = indices
  }

  /// The tensor of this name.
  ///
  /// - Throws: `InterchangeError.missingTensor`.
  public func tensor(named name: String) throws(InterchangeError) -> SafetensorsTensor {
    guard let index = indices[Array(name.utf8)] else { throw .missingTensor(name: name) }
    return tensors[index]
  }

  /// Whether there is a tensor of this name.
  public func hasTensor(named name: String) -> Bool { indices[Array(name.utf8)] != nil }
}
