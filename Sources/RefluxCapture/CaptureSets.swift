internal import RefluxMemory
internal import RefluxStorage
internal import RefluxTargets

/// The sample sets of one group, by records: filled by the workers, then appended to a store.
@safe
final class CaptureSets: @unchecked Sendable {
  // Safe because: workers write to the sets of their own rows, and whoever appends them waits for
  // the workers.
  let capacity: Int
  let isWeighted: Bool
  let extras: [TargetScalar]
  private let lengths: View<Int32>
  private let ids: Matrix<UInt32>
  private let counts: Matrix<UInt32>
  private let weights: Matrix<Float>
  private let extraValues: Matrix<Float>
  private let arena = Arena()

  /// Memory: 8 bytes per slot of `capacity`, of which pages that no set reaches cost nothing.
  init(records: Int, capacity: Int, isWeighted: Bool, extras: [TargetScalar]) {
    self.capacity = capacity
    self.isWeighted = isWeighted
    self.extras = extras
    lengths = arena.take(records)
    ids = arena.takeMatrix(records, capacity)
    counts = arena.takeMatrix(isWeighted ? 0 : records, capacity)
    weights = arena.takeMatrix(isWeighted ? records : 0, capacity)
    extraValues = arena.takeMatrix(records, max(extras.count, 1))
  }

  /// Takes a counted set over.
  func set(_ place: Int, ids: Span<UInt32>, counts: Span<UInt32>) {
    lengths[place] = Int32(ids.count)
    self.ids.row(place).copy(from: ids)
    self.counts.row(place).copy(from: counts)
  }

  /// Takes a weighted set over.
  func set(_ place: Int, ids: Span<UInt32>, weights: Span<Float>) {
    lengths[place] = Int32(ids.count)
    self.ids.row(place).copy(from: ids)
    self.weights.row(place).copy(from: weights)
  }

  func set(_ place: Int, _ extra: TargetScalar, _ value: Float) {
    if let column = extras.firstIndex(of: extra) { extraValues.row(place)[column] = value }
  }

  /// Calls `body` with every id of a set.
  func forEachID(_ place: Int, _ body: (Int) -> Void) {
    let row = ids.row(place)
    for slot in 0..<Int(lengths[place]) { body(Int(row[slot])) }
  }

  /// How many ids the sets of some places hold.
  func uniqueIDs(_ places: Range<Int>) -> Int { places.reduce(0) { $0 + Int(lengths[$1]) } }

  /// Appends the sets that a group wants; returns how many ids they hold.
  func append(_ group: CaptureGroup, to writer: SampleStoreWriter) throws(StoreError) -> Int {
    for record in group.wanted {
      try append(record - group.first, token: group.token(record), to: writer)
    }
    return uniqueIDs(
      group.wanted.lowerBound - group.first..<group.wanted.upperBound - group.first)
  }

  private func append(
    _ place: Int, token: UInt32, to writer: SampleStoreWriter
  ) throws(StoreError) {
    let length = Int(lengths[place])
    let extras = extras.indices.map { extraValues.row(place)[$0] }
    try ids.row(place).slice(0, length).withSpan { ids throws(StoreError) in
      if isWeighted {
        try weights.row(place).slice(0, length).withSpan { weights throws(StoreError) in
          try writer.append(ids: ids, weights: weights, token: token, extras: extras)
        }
      } else {
        try counts.row(place).slice(0, length).withSpan { counts throws(StoreError) in
          try writer.append(ids: ids, counts: counts, token: token, extras: extras)
        }
      }
    }
  }
}
