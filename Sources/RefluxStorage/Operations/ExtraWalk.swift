public import RefluxTargets

extension SampleStore {
  /// Calls `body` with an optional field of every record, block by block.
  ///
  /// - Parameters:
  ///   - extra: one that the store keeps.
  ///   - body: takes the first record of a block and the field of each of its records; false stops.
  /// - Throws: what reading throws, and `stopped`.
  /// - Complexity: one pass over the store, which decodes and checks every block; memory of two.
  public func forEachBlock(
    of extra: TargetScalar, _ body: (_ first: Int, _ values: [Float]) -> Bool
  ) throws(StoreError) {
    guard let place = header.extras.firstIndex(of: extra) else {
      preconditionFailure("a field that the store does not keep")
    }
    var values: [Float] = []
    let walk = SampleWalk(store, isStrict: false)
    try walk.forEachBlock(of: 0..<count) { sets, block throws(StoreError) in
      values.removeAll(keepingCapacity: true)
      for slot in block.slots {
        values.append(Float(bitPattern: sets.extras[sets.extraRange(slot).lowerBound + place]))
      }
      if !body(block.records.lowerBound, values) { throw .stopped }
    }
  }
}
