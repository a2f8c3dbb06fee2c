internal import RefluxKernels

/// The row-sized memory of one sampler.
final class Scratch: Sendable {
  /// The number of ids per block sum: the block of the kernel `exponentials`.
  static let block = 1_024

  private let arena: Arena
  /// A copy of the logits, for callers that hold them in a span; untouched pages cost nothing.
  let row: View<Float>
  /// The row's unnormalised probabilities.
  let masses: View<Float>

  init(vocabularySize: Int) {
    arena = Arena()
    row = arena.take(vocabularySize)
    masses = arena.take(vocabularySize)
  }
}
