internal import RefluxKernels
package import RefluxMemory
package import RefluxModel
internal import RefluxModelFiles

/// What a run's steps change: the weights and both moments, as float32 arrays.
package struct TrainingState {
  /// Where each tensor lies in weights and first moments.
  package let table: ParameterTable
  /// For each of the table's tensors the first of its second moments, if it has them.
  package let secondOffsets: [Int?]
  package let weights: View<Float>
  /// Or Muon's momentum.
  package let firstMoments: View<Float>
  /// Those of the tensors that have them, one after the other.
  package let secondMoments: View<Float>
  /// Of the second head, where the run has one.
  var second: SecondHead.Values?

  /// Weights, first and second moments of every tensor, each under its kind and its name.
  var tensors: [TensorFile.Tensor] { ownTensors + (second?.tensors ?? []) }

  private var ownTensors: [TensorFile.Tensor] {
    let offsets: [Int?] = table.entries.map(\.offset)
    return [
      ("weights.", weights, offsets), ("first_moments.", firstMoments, offsets),
      ("second_moments.", secondMoments, secondOffsets),
    ].flatMap { kind, values, offsets in
      zip(table.entries, offsets).compactMap { entry, offset in
        offset.map {
          TensorFile.Tensor(
            name: kind + entry.name, shape: entry.shape, values: values.slice($0, entry.count))
        }
      }
    }
  }

  /// Room for a copy.
  func room(in arena: Arena) -> TrainingState {
    TrainingState(
      table: table, secondOffsets: secondOffsets, weights: arena.take(weights.count),
      firstMoments: arena.take(firstMoments.count),
      secondMoments: arena.take(secondMoments.count), second: second?.room(in: arena))
  }

  func copy(from other: TrainingState) {
    weights.copy(from: other.weights)
    firstMoments.copy(from: other.firstMoments)
    secondMoments.copy(from: other.secondMoments)
    if let values = other.second { second?.copy(from: values) }
  }
}
