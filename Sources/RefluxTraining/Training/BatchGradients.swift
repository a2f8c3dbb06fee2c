internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel

/// The gradients of a step's batches: those of the last pass, or a sum of their own.
struct BatchGradients {
  private let pass: View<Float>
  private let sum: View<Float>?

  /// - Parameters:
  ///   - pass: what each pass overwrites.
  ///   - keeps: whether there is a sum, of 4 bytes per number; else a batch is a step.
  init(of pass: View<Float>, keeps: Bool, _ arena: Arena) {
    (self.pass, sum) = (pass, keeps ? arena.take(pass.count) : nil)
  }

  /// The gradients of the step so far.
  var values: View<Float> { sum ?? pass }

  /// Takes over those of a pass.
  ///
  /// - Parameter accumulates: whether they are added to those before; else they replace them.
  func take(accumulates: Bool, _ workers: Workers) {
    guard let sum else { return }
    let share = 1 << 16
    workers.run((sum.count + share - 1) / share) { [pass] index, _ in
      let count = min(share, sum.count - index * share)
      let (part, target) = (pass.slice(index * share, count), sum.slice(index * share, count))
      if accumulates { add(part, to: target) } else { target.copy(from: part) }
    }
  }
}
