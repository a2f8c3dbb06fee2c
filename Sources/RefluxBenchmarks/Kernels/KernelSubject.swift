internal import RefluxKernels
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

  /// The copy first, then cross-entropy, then the others.
  func works(ids: [Int]) -> [KernelWork] {
    var works = [
      work("memcpy") { row, _ in
        other.row(row).copy(from: logits.row(row))
        return 0
      },
      work("ce") { row, scratch in
        CrossEntropy.gradient(
          logits.row(row), label: (row * 7919) % vocabulary, scale: scale, scratch: scratch)
      },
    ]
    for count in ids where count <= vocabulary {
      let sets = SyntheticTargets(rows: rows, ids: count, vocabulary: vocabulary, arena: arena)
      works.append(
        work("sparse_kl", ids: count) { row, scratch in
          if row + 1 < rows {
            SparseKL.prefetch(logits.row(row + 1), ids: sets.ids(row + 1), scratch: scratch)
          }
          return SparseKL.gradient(
            logits.row(row), ids: sets.ids(row), weights: sets.weights, scale: scale,
            scratch: scratch)
        })
    }
    for count in ids where count > 1 && count <= vocabulary {
      let sets = SyntheticTargets(
        rows: rows, ids: count, mass: 0.8, vocabulary: vocabulary, arena: arena)
      works.append(
        work("ghost", ids: count) { row, scratch in
          if row + 1 < rows {
            SparseKL.prefetch(logits.row(row + 1), ids: sets.ids(row + 1), scratch: scratch)
          }
          return GhostKL.gradient(
            logits.row(row), ids: sets.ids(row), weights: sets.weights, scale: scale,
            scratch: scratch)
        })
    }
    if let float = self as? KernelSubject<Float> { works.append(float.denseWork) }
    return works
  }

  private var scale: Float { 1 / Float(rows) }

  private func work(
    _ name: String, ids: Int? = nil, _ body: @escaping @Sendable (Int, LossScratch) -> Float
  ) -> KernelWork {
    let (workers, scratch, rows) = (workers, scratch, rows)
    let run = {
      // Sixteen rows a share: enough shares for any number of threads, few enough to cost nothing.
      workers.run((rows + 15) / 16) { share, worker in
        for row in share * 16..<min(rows, share * 16 + 16) { _ = body(row, scratch[worker]) }
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
  private let all: Matrix<UInt32>

  init(rows: Int, ids count: Int, mass: Float = 1, vocabulary: Int, arena: Arena) {
    weights = arena.take(count)
    weights.fill(mass / Float(count))
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
