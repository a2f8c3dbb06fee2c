import RefluxBytes
internal import RefluxBytes
internal import RefluxFiles
internal import RefluxKernels
internal import RefluxMemory

/// Refuses what this machine cannot hold, before anything of it is begun: the system would end the
/// process later, without a word.
struct MemoryCheck {
  /// Threads that compute; each has a stack.
  let threads: Int
  /// What is free, and by whose word.
  var free = FreeMemory()

  /// - Parameters:
  ///   - what: what is going to run: "the evaluation".
  ///   - path: what it is about.
  ///   - advice: settings that lower the need, in quotes.
  func require(
    _ need: MemoryNeed, for what: String, at path: String, advice: String
  ) throws(RecipeError) {
    guard let lack = lack(of: need) else { return }
    throw .learning(path: path, .memory(of: what, lack: lack, advice: advice))
  }

  /// What a need is where it is too much: of memory, or of address space.
  func size(of need: MemoryNeed) -> String {
    Self.size(isMemoryShort(need) ? need.bytes : addressBytes(need))
  }

  private func isMemoryShort(_ need: MemoryNeed) -> Bool {
    // A sixteenth more is for what the matrix products' library takes.
    need.bytes / 16 * 17 > free.bytes
  }

  /// `12.3 GB of memory, free are 3.1 GB`; nil where all fits.
  func lack(of need: MemoryNeed) -> String? {
    if isMemoryShort(need) {
      let limit = free.limit == .group ? "the container or control group leaves" : "free are"
      return "\(Self.size(need.bytes)) of memory, \(limit) \(Self.size(free.bytes))"
    }
    let space = addressBytes(need)
    if let left = free.addressBytes, space > left {
      return "\(Self.size(space)) of address space, 'ulimit' leaves \(Self.size(left))"
    }
    return nil
  }

  /// With what threads have of their own, a stack, a heap and compiled products, and what the
  /// system's libraries map.
  private func addressBytes(_ need: MemoryNeed) -> Int {
    need.addressBytes + threads * (8 + 64 + 32) << 20 + 128 << 20
  }

  static func size(_ bytes: Int) -> String { Quantity.scaled(Double(bytes), unit: "bytes") }
}
