public import RefluxTargets

/// Records in arrays of their own.
extension SampleReader {
  /// One record, its ids ascending.
  ///
  /// - Throws: what `read` throws.
  /// - Complexity: as `read` for one record, and the arrays.
  public func record(_ number: Int) throws(StoreError) -> SampleRecord {
    guard number >= 0, number < store.count else {
      throw .outOfRange(first: number, end: number &+ 1, count: store.count)
    }
    let place = cursor.place(of: number)
    try load(place, alone: place.slot)
    return loaded(number, place.slot)
  }

  /// Some records, their ids ascending.
  ///
  /// - Throws: what `read` throws.
  /// - Complexity: as `read`, and the arrays.
  public func records(_ numbers: Range<Int>) throws(StoreError) -> [SampleRecord] {
    try store.check(numbers)
    var result: [SampleRecord] = []
    result.reserveCapacity(numbers.count)
    var loadedKey = -1
    for number in numbers {
      let place = cursor.place(of: number)
      if place.key != loadedKey {
        try load(place, alone: numbers.count == 1 ? place.slot : nil)
        loadedKey = place.key
      }
      result.append(loaded(number, place.slot))
    }
    return result
  }

  /// A record of the block that was loaded last.
  private func loaded(_ number: Int, _ set: Int) -> SampleRecord {
    let block = decoder.block
    let range = block.range(set)
    let order = range.sorted { block.ids[$0] < block.ids[$1] }
    let values = order.map { block.values[$0] }
    let extras = block.extraRange(set)
    return SampleRecord(
      record: number, ids: order.map { block.ids[$0] },
      counts: header.isWeighted ? [] : values,
      weights: header.isWeighted ? values.map { Float(bitPattern: $0) } : [],
      rounds: header.provenance.rounds,
      extras: Dictionary(
        uniqueKeysWithValues: zip(
          header.extras, extras.map { Float(bitPattern: block.extras[$0]) })))
  }
}

/// One sample set, as it was written.
public struct SampleRecord: Equatable, Sendable {
  /// The record in the store; its position is that of its token in the token store.
  public var record: Int
  /// Distinct ids in ascending order.
  public var ids: [UInt32]
  /// How often each id was drawn; empty in weighted stores.
  public var counts: [UInt32]
  /// The weight of each id; empty in counted stores.
  public var weights: [Float]
  /// The sum of the counts; in weighted stores what the provenance says.
  public var rounds: Int
  /// The optional fields of the store.
  public var extras: [TargetScalar: Float]

  /// Exactly one of `counts` and `weights` is as long as `ids`, the other is empty; not checked.
  public init(
    record: Int, ids: [UInt32], counts: [UInt32], weights: [Float], rounds: Int,
    extras: [TargetScalar: Float] = [:]
  ) {
    self.record = record
    self.ids = ids
    self.counts = counts
    self.weights = weights
    self.rounds = rounds
    self.extras = extras
  }
}
