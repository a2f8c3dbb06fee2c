internal import RefluxKernels
internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles

/// The head that learns from the teacher while the model's own learns from the label: a copy of
/// that one at first, updated by AdamW, kept in checkpoints, and dropped with the run.
///
/// Memory: 16 bytes per weight, 2 more with bfloat16, 4 more where several batches are a step.
@safe
final class SecondHead: @unchecked Sendable {
  // Safe because: shares write to disjoint slices.
  let side: SideHead
  let gradients: BatchGradients
  /// What updates change.
  let values: Values
  private let model: any LanguageModel
  private let squares: View<Double>
  private let arena = Arena()

  /// Nil for objectives without one.
  init?(beside model: any LanguageModel, _ configuration: TrainingConfiguration) {
    if !configuration.objective.hasSecondHead { return nil }
    self.model = model
    side = SideHead(beside: model)
    let count = side.weights.elements.count
    gradients = BatchGradients(
      of: side.gradient.elements, keeps: configuration.accumulation > 1, arena)
    values = Values(
      shape: [side.weights.rows, side.weights.columns], weights: side.weights.elements,
      firstMoments: arena.take(count), secondMoments: arena.take(count))
    squares = arena.take((count + Self.slice - 1) / Self.slice)
  }

  private static var slice: Int { 1 << 14 }

  /// The sum of the squares of the step's gradients.
  var sumOfSquares: Double {
    forEachSlice { [squares, gradients] index, start, count in
      squares[index] = RefluxMemory.sumOfSquares(gradients.values.slice(start, count))
    }
    return (0..<squares.count).reduce(0) { $0 + squares[$1] }
  }

  /// One update, as `optimizer` updates the model's own head.
  func update(_ optimizer: Optimizer, step: Int, rate: Double, norm: Double) {
    let (adam, clip) = (optimizer.adam, optimizer.clip(norm))
    forEachSlice { [values, gradients, side] _, start, count in
      adam.update(
        weights: values.weights.slice(start, count),
        gradient: gradients.values.slice(start, count),
        m: values.firstMoments.slice(start, count), v: values.secondMoments.slice(start, count),
        step: step + 1, rate: Float(rate), decay: optimizer.weightDecay, clip: clip)
      side.weightsChanged(from: start, count)
    }
  }

  private func forEachSlice(_ body: @Sendable (_ index: Int, _ start: Int, _ count: Int) -> Void) {
    let all = values.weights.count
    model.workers.run(squares.count) { index, _ in
      body(index, index * Self.slice, min(Self.slice, all - index * Self.slice))
    }
  }
}

extension SecondHead {
  /// Weights and moments, V x d each.
  struct Values {
    let shape: [Int]
    let weights: View<Float>
    let firstMoments: View<Float>
    let secondMoments: View<Float>

    /// As a checkpoint has them.
    var tensors: [TensorFile.Tensor] {
      [
        ("weights.", weights), ("first_moments.", firstMoments), ("second_moments.", secondMoments),
      ].map { TensorFile.Tensor(name: $0 + "second_head", shape: shape, values: $1) }
    }

    /// Room for a copy.
    func room(in arena: Arena) -> Values {
      Values(
        shape: shape, weights: arena.take(weights.count),
        firstMoments: arena.take(weights.count), secondMoments: arena.take(weights.count))
    }

    func copy(from other: Values) {
      weights.copy(from: other.weights)
      firstMoments.copy(from: other.firstMoments)
      secondMoments.copy(from: other.secondMoments)
    }
  }
}
