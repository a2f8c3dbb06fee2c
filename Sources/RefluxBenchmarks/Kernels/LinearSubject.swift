internal import RefluxKernels
internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxRandom
internal import RefluxTargets

/// Hidden states, a head and what is made of them: the losses with their two matrix products'
/// gradients, and the bare products.
@safe
struct LinearSubject<Element: Scalar>: @unchecked Sendable {
  // Safe because: each worker has products of its own and writes to rows of its own.
  let vocabulary: Int
  private let rows: Int
  private let workers: Workers
  /// Of each worker: from labels, and from sets.
  private let losses: [(label: RowLoss, set: RowLoss)]
  private let fused: LinearLoss<Element>
  private let products: [Products]
  private let hidden: Matrix<Element>
  private let head: Matrix<Element>
  private let hiddenGradient: Matrix<Float>
  private let headGradient: Matrix<Float>
  /// Where the bare products leave all logits.
  private let logits: Matrix<Float>
  /// What they take for the gradient of the logits.
  private let gradients: Matrix<Element>
  private let arena = Arena()

  init(
    vocabulary: Int, width: Int, rows: Int, workers: Workers, instructionSet: InstructionSet
  ) {
    (self.vocabulary, self.rows, self.workers) = (vocabulary, rows, workers)
    let arena = self.arena
    losses = (0..<workers.count).map { _ in
      let parts = [TargetKind.label, .sampled].map {
        RowLoss.forwardKL(
          from: $0, vocabularySize: vocabulary, arena: arena, instructionSet: instructionSet)
      }
      return (parts[0], parts[1])
    }
    fused = LinearLoss(
      rows: rows, width: width, vocabularySize: vocabulary, workers: workers)
    products = (0..<workers.count).map { _ in Products() }
    hidden = arena.takeMatrix(rows, width)
    head = arena.takeMatrix(vocabulary, width)
    hiddenGradient = arena.takeMatrix(rows, width)
    headGradient = arena.takeMatrix(vocabulary, width)
    logits = arena.takeMatrix(rows, vocabulary)
    gradients = arena.takeMatrix(rows, vocabulary)
    var random = RandomStream(seed: 3, stream: UInt64(width))
    for matrix in [hidden, head] {
      for index in 0..<matrix.elements.count {
        matrix.elements[index] = Element(rounding: 0.25 * (2 * random.nextFloat() - 1))
      }
    }
  }

  /// Bytes that the fused losses take beside operands and results.
  var byteCount: Int { fused.byteCount }

  /// The bare products first.
  func works(ids: [Int]) -> [KernelWork] {
    let scale = 1 / Double(rows)
    var works = [
      KernelWork(name: "products", turn: Harness.Turn(prepare: {}, work: multiply)),
      work("linear_ce") { [vocabulary, losses] row, logits, worker in
        let target = RowTarget(label: (row * 7919) % vocabulary)
        return losses[worker].label.gradient(logits, target, scale: scale).loss
      },
    ]
    for count in ids where count <= vocabulary {
      let sets = SyntheticTargets(rows: rows, ids: count, vocabulary: vocabulary, arena: arena)
      works.append(
        work("linear_sparse_kl", ids: count) { [losses] row, logits, worker in
          let target = RowTarget(set: sets.set(row))
          return losses[worker].set.gradient(logits, target, scale: scale).loss
        })
    }
    return works
  }

  private func work(
    _ name: String, ids: Int? = nil,
    _ body: @escaping @Sendable (_ row: Int, View<Float>, _ worker: Int) -> Double
  ) -> KernelWork {
    let run = {
      let total = fused.run(
        hidden: hidden, head: head, hiddenGradient: hiddenGradient, headGradient: headGradient
      ) { rows, logits, worker in
        var total = 0.0
        for (index, row) in rows.enumerated() {
          total += body(row, logits.row(index), worker)
        }
        return total
      }
      return total.bitPattern
    }
    return KernelWork(name: name, ids: ids, turn: Harness.Turn(prepare: {}, work: run))
  }

  /// X = H W^T, H' = G W, W' = G^T H, each cut in as many parts as there are workers.
  private func multiply() -> UInt64 {
    let parts = workers.count
    @Sendable func part(_ count: Int, _ index: Int) -> (start: Int, count: Int) {
      (index * count / parts, (index + 1) * count / parts - index * count / parts)
    }
    workers.run(parts) { index, worker in
      let (start, count) = part(rows, index)
      products[worker].multiply(
        hidden.rows(start, count), head.transposed, into: logits.rows(start, count))
      products[worker].multiply(
        gradients.rows(start, count), head, into: hiddenGradient.rows(start, count))
    }
    workers.run(parts) { index, worker in
      let (start, count) = part(vocabulary, index)
      products[worker].multiply(
        gradients.columns(start, count).transposed, hidden, into: headGradient.rows(start, count))
    }
    return UInt64(hiddenGradient.elements[0].bitPattern)
  }
}
