internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxRandom
internal import RefluxTargets

/// A loss under measurement.
struct KernelWork {
  var name: String
  /// Ids per row; nil where there is no set.
  var ids: Int?
  /// What rows learn from; nil where nothing is learned.
  var kind: TargetKind?
  /// The objective with its options, where it is more than the name.
  var objective: String?
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
  /// Where the copy goes.
  private let other: Matrix<Element>
  /// A teacher's logits.
  private let teacher: Matrix<Float>
  /// What is restored before each turn, a few rows of it.
  private let first: View<Element>

  init(vocabulary: Int, rows: Int, workers: Workers, instructionSet: InstructionSet) {
    self.vocabulary = vocabulary
    self.rows = rows
    self.workers = workers
    self.instructionSet = instructionSet
    let arena = self.arena
    logits = arena.takeMatrix(rows, vocabulary)
    other = arena.takeMatrix(rows, vocabulary)
    teacher = arena.takeMatrix(rows, vocabulary)
    first = arena.take(vocabulary)
    var random = RandomStream(seed: 0, stream: UInt64(vocabulary))
    for index in 0..<vocabulary { first[index] = Element(rounding: 6 * random.nextFloat() - 3) }
    restore(other)
  }

  /// The copy first, then the multiplication, then the losses: cross-entropy, forward KL from sets,
  /// with the rest in a bucket and from a teacher, and what else is asked for.
  func works(ids: [Int], objectives: [ObjectiveChoice]) throws(LossError) -> [KernelWork] {
    var works = [
      work("memcpy") { row, _ in other.row(row).copy(from: logits.row(row)) },
      work("in_place") { [instructionSet] row, _ in
        instructionSet.multiply(logits.row(row), by: 0.999)
      },
    ]
    let counts = ids.filter { $0 <= vocabulary }
    let standard: [(String, ObjectiveName, TargetKind)] = [
      ("ce", .ce, .label), ("sparse_kl", .rskd, .sampled), ("ghost", .ghost, .topk),
      ("dense_kl", .fullkd, .dense),
    ]
    for (name, objective, kind) in standard {
      works += try self.works(name, ObjectiveChoice(objective), kind, counts)
    }
    for choice in objectives {
      for kind in choice.name.entry.kinds where kind != .label {
        works += try self.works("objective", choice, kind, counts)
      }
    }
    return works
  }

  /// One for each size of sets; none for what no row loss is, and from a teacher in float32 only.
  private func works(
    _ name: String, _ choice: ObjectiveChoice, _ kind: TargetKind, _ counts: [Int]
  ) throws(LossError) -> [KernelWork] {
    if kind == .dense && Element.self != Float.self { return [] }
    guard kind.isOfSets else { return [try work(name, choice, kind, nil)] }
    var works: [KernelWork] = []
    // A set of one id leaves nothing to compare.
    for count in counts where count > 1 || choice.name == .rskd {
      works.append(try work(name, choice, kind, count))
    }
    return works
  }

  private func work(
    _ name: String, _ choice: ObjectiveChoice, _ kind: TargetKind, _ count: Int?
  ) throws(LossError) -> KernelWork {
    let losses = try (0..<workers.count).map { _ throws(LossError) in
      try RowLoss(
        choice, kind: kind, vocabularySize: vocabulary, arena: arena,
        instructionSet: instructionSet)
    }
    let sets = count.map {
      SyntheticTargets(
        rows: rows, ids: $0, mass: kind == .topk ? 0.8 : 1, vocabulary: vocabulary, arena: arena)
    }
    let scale = 1 / Double(rows)
    var work = work(name, ids: count) { row, worker in
      let loss = losses[worker]
      if let sets, row + 1 < rows { loss.prefetch(logits.row(row + 1), sets.set(row + 1)) }
      _ = loss.gradient(logits.row(row), target(row, kind, sets), scale: scale)
    }
    work.kind = kind
    if name == "objective" { work.objective = choice.description }
    if kind == .dense {
      work.turn.prepare = {
        restore(logits)
        restoreTeacher()
      }
    }
    return work
  }

  private func target(_ row: Int, _ kind: TargetKind, _ sets: SyntheticTargets?) -> RowTarget {
    var target = RowTarget(label: (row * 7919) % vocabulary, set: sets?.set(row))
    if kind == .dense { target.teacher = teacher.row(row) }
    if kind.isOfSets {
      (target.scalars[.label], target.scalars[.power]) = (0.1, 3)
    }
    return target
  }

  private func work(
    _ name: String, ids: Int? = nil,
    _ body: @escaping @Sendable (_ row: Int, _ worker: Int) -> Void
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

  private func restoreTeacher() {
    for row in 0..<rows {
      for index in 0..<vocabulary { teacher.row(row)[index] = first[vocabulary - 1 - index].float }
    }
  }
}

/// Sets of `ids` distinct ids for each row, at random places, with equal weights.
struct SyntheticTargets: Sendable {
  private let weights: View<Float>
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

  func set(_ row: Int) -> SampleSet { SampleSet(ids: all.row(row), weights: weights) }
}
