internal import RefluxTargets

/// What every record of a sample store obeys (SPEC.md, section 6.2).
struct SampleRules {
  let vocabularySize: Int
  let capacity: Int
  let isWeighted: Bool
  let rounds: Int
  let extras: [TargetScalar]

  init(_ header: StoreHeader) {
    vocabularySize = header.vocabularySize
    capacity = header.capacity
    isWeighted = header.isWeighted
    rounds = header.provenance.rounds
    extras = header.extras
  }

  /// The first rule that a set in stored order breaks, or nil.
  ///
  /// - Parameters:
  ///   - ids: the used slots.
  ///   - values: as many counts, or bit patterns of weights.
  ///   - extras: the bit patterns of the optional fields.
  func fault(
    ids: Span<UInt32>, values: Span<UInt32>, extras: Span<UInt32>
  ) -> RecordFault? {
    for (index, extra) in self.extras.enumerated() {
      let value = Float(bitPattern: extras[index])
      if !extra.accepts(value) { return .extra(extra, value) }
    }
    if ids.count != values.count { return .unequal(ids: ids.count, values: values.count) }
    if ids.count > capacity { return .length(ids.count, capacity: capacity) }
    var least = 0
    for index in 0..<ids.count {
      if Int(ids[index]) >= vocabularySize {
        return .id(ids[index], vocabulary: vocabularySize)
      }
      if Int(ids[index]) < least { return .notAscending(ids[index]) }
      least = Int(ids[index]) + 1
    }
    return isWeighted ? weightFault(ids, values) : countFault(ids, values)
  }

  private func countFault(_ ids: Span<UInt32>, _ counts: Span<UInt32>) -> RecordFault? {
    var sum: UInt64 = 0
    for index in 0..<counts.count {
      if counts[index] == 0 { return .zeroCount(id: ids[index]) }
      sum += UInt64(counts[index])
    }
    return sum == UInt64(rounds) ? nil : .sum(sum, rounds: rounds)
  }

  private func weightFault(_ ids: Span<UInt32>, _ bits: Span<UInt32>) -> RecordFault? {
    for index in 0..<bits.count {
      let weight = Float(bitPattern: bits[index])
      if !(weight >= 0 && weight.isFinite && weight.sign == .plus) {
        return .weight(weight, id: ids[index])
      }
    }
    return nil
  }
}
