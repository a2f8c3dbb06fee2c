package import RefluxMemory

extension Decoder {
  /// Refuses windows that the decoder was not set up for.
  package func requireWindow(_ window: Int) throws(ModelError) {
    if window > maximumWindow {
      throw .windowTooLong(found: window, positions: maximumWindow)
    }
  }

  /// A decoder without memory, for layouts of what runs over it, and what it would take.
  package static func measured(
    _ sizes: DecoderConfiguration, window: Int, workers: Workers
  ) throws(ModelError) -> (MemoryNeed, Decoder) {
    var decoder: Decoder?
    let need = try Arena.measure { () throws(ModelError) in
      decoder = try Decoder(sizes, window: window, workers: workers)
    }
    guard let decoder else { preconditionFailure("a measure runs its body") }
    return (need, decoder)
  }
}
