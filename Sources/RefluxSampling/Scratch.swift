internal import RefluxMemory

/// The memory of one sampler.
final class Scratch: Sendable {
  private let arena: Arena
  /// A copy of the logits, for callers that hold them in a span; untouched pages cost nothing.
  let row: View<Float>
  /// The sums of the row's masses.
  let masses: RowMasses
  /// Where a row's draws fall on the unit interval.
  let fractions: View<Double>

  init(vocabularySize: Int, rounds: Int) {
    arena = Arena()
    row = arena.take(vocabularySize)
    masses = RowMasses(vocabularySize: vocabularySize, points: rounds, arena: arena)
    fractions = arena.take(rounds)
  }
}
