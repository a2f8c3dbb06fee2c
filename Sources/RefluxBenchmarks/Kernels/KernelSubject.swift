internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxRandom

/// A loss under measurement.
struct KernelWork {
  var name: String
  /// Ids per row; nil where there is no set.
  var ids: Int?
  var turn: Harness.Turn
}

/// Logits, targets and the losses over them.
struct KernelSubject<Element: Scalar> {
  let vocabulary: Int
  let rows: Int
  let workers: Workers
  let instructionSet: InstructionSet
  private let arena = Arena()
  private let logits: Matrix<Element>
  /// Where the copy goes, and a teacher's logits.
  private let other: Matrix<Element>
  /// What is restored before each turn, a few rows of it.
  private let first: View<Element>
  private let scratch: [LossScratch]

  init(vocabulary: Int, rows: Int, workers: Workers, instructionSet: InstructionSet) {
    self.vocabulary = vocabulary
    self.rows = rows
    self.workers = workers
    self.instructionSet = instructionSet
    let arena = self.arena
    logits = arena.takeMatrix(rows, vocabulary)
    other = arena.takeMatrix(rows, vocabulary)
    first = arena.take(vocabulary)
    scratch = (0..<workers.count).map { _ in
      LossScratch(vocabularySize: vocabulary, arena: arena, instructionSet: instructionSet)
    }
    var random = RandomStream(seed: 0, stream: UInt64(vocabulary))
    for index in 0..<vocabulary { first[index] = Element(rounding: 6 * random.nextFloat() - 3) }
    restore(other)
  }

  /// The copy first, then the multiplication, then the losses.
  func works(ids: [Int]) -> [KernelWork] {
    let plain = [
      work("memcpy") { row, _ in
        other.row(row).copy(from: logits.row(row))
        return 0
      },
      work("in_place") { row, scratch in
        scratch.instructionSet.multiply(logits.row(row), by: 0.999)
        return 0
      },
      work("ce") { row, scratch in
        CrossEntropy.gradient(
          logits.row(row), label: label(row), scale: scale, scratch: scratch)
      },
    ]
    let counts = ids.filter { $0 <= vocabulary }
    let dense = (self as? KernelSubject<Float>).map { [$0.denseWork] } ?? []
    return plain + counts.map(sparseWork) + counts.filter { $0 > 1 }.map(ghostWork) + dense
      + completeWorks(counts)
  }

  private func label(_ row: Int) -> Int { (row * 7919) % vocabulary }

  private func sparseWork(_ count: Int) -> KernelWork {
    let sets = SyntheticTargets(rows: rows, ids: count, vocabulary: vocabulary, arena: arena)
    return work("sparse_kl", ids: count) { row, scratch in
      prefetch(sets, row + 1, scratch)
      return SparseKL.gradient(
        logits.row(row), ids: sets.ids(row), weights: sets.weights, scale: scale,
        scratch: scratch)
    }
  }

  private func ghostWork(_ count: Int) -> KernelWork {
    let sets = SyntheticTargets(
      rows: rows, ids: count, mass: 0.8, vocabulary: vocabulary, arena: arena)
    return work("ghost", ids: count) { row, scratch in
      prefetch(sets, row + 1, scratch)
      return GhostKL.gradient(
        logits.row(row), ids: sets.ids(row), weights: sets.weights, scale: scale,
        scratch: scratch)
    }
  }

  /// The losses with all options, which leave everything as it is.
  private func completeWorks(_ counts: [Int]) -> [KernelWork] {
    let options = LossOptions()
    let losses = scratch.indices.map { _ in
      try? SoftmaxLoss(
        options: options, vocabularySize: vocabulary, arena: arena, instructionSet: instructionSet)
    }
    func complete(
      _ name: String, _ count: Int?, _ target: @escaping @Sendable (Int) -> LossTarget,
      ahead: @escaping @Sendable (Int, LossScratch) -> Void
    ) -> KernelWork {
      workByWorker(name, ids: count) { row, worker in
        guard let loss = losses[worker] else { return }
        ahead(row, loss.scratch)
        // Targets are right by construction.
        _ = try? loss.gradient(
          logits.row(row), label: label(row), target: target(row), scale: Double(scale))
      }
    }
    let plain = complete("complete_ce", nil, { _ in .label }, ahead: { _, _ in })
    return [plain]
      + counts.map { count in
        let sets = SyntheticTargets(rows: rows, ids: count, vocabulary: vocabulary, arena: arena)
        return complete(
          "complete_sparse_kl", count,
          { .counted(ids: sets.ids($0), counts: sets.counts, rounds: count) },
          ahead: { row, scratch in prefetch(sets, row + 1, scratch) })
      }
  }

  private func prefetch(_ sets: SyntheticTargets, _ row: Int, _ scratch: LossScratch) {
    if row < rows { SparseKL.prefetch(logits.row(row), ids: sets.ids(row), scratch: scratch) }
  }

  private var scale: Float { 1 / Float(rows) }

  private func work(
    _ name: String, ids: Int? = nil, _ body: @escaping @Sendable (Int, LossScratch) -> Float
  ) -> KernelWork {
    let scratch = scratch
    return workByWorker(name, ids: ids) { row, worker in _ = body(row, scratch[worker]) }
  }

  private func workByWorker(
    _ name: String, ids: Int?, _ body: @escaping @Sendable (_ row: Int, _ worker: Int) -> Void
  ) -> KernelWork {
    let (workers, rows) = (workers, rows)
    let run = {
      // Sixteen rows a share: enough shares for any number of threads, few enough to cost nothing.
      workers.run((rows + 15) / 16) { share, worker in
        for row in share * 16..<min(rows, share * 16 + 16) { body(row, worker) }
      }
      return UInt64(rows)
    }
    return KernelWork(
      name: name, ids: ids, turn: Harness.Turn(prepare: { restore(logits) }, work: run))
  }

  private func restore(_ matrix: Matrix<Element>) {
    for row in 0..<rows { matrix.row(row).copy(from: first) }
  }
}

extension KernelSubject where Element == Float {
  /// With the teacher's logits in the buffer that the copy goes to.
  fileprivate var denseWork: KernelWork {
    let (student, teacher, scale) = (logits, other, scale)
    var work = work("dense_kl") { row, scratch in
      DenseKL.gradient(
        student.row(row), teacher: teacher.row(row), scale: scale, scratch: scratch)
    }
    work.turn.prepare = {
      restore(student)
      restore(teacher)
    }
    return work
  }
}

/// Sets of `ids` distinct ids for each row, at random places, with equal weights.
struct SyntheticTargets: Sendable {
  let weights: View<Float>
  /// One for each id.
  let counts: View<UInt32>
  private let all: Matrix<UInt32>

  init(rows: Int, ids count: Int, mass: Float = 1, vocabulary: Int, arena: Arena) {
    weights = arena.take(count)
    weights.fill(mass / Float(count))
    counts = arena.take(count)
    counts.fill(1)
    all = arena.takeMatrix(rows, count)
    var random = RandomStream(seed: 1, stream: UInt64(count))
    for row in 0..<rows {
      for index in 0..<count {
        // One in each equal part of the vocabulary: distinct and ascending.
        let (from, to) = (index * vocabulary / count, (index + 1) * vocabulary / count)
        all.row(row)[index] = UInt32(from + Int(random.next() % UInt64(to - from)))
      }
    }
  }

  func ids(_ row: Int) -> View<UInt32> { all.row(row) }
}
