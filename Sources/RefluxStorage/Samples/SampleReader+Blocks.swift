/// The two ways from a block to the caller's memory.
extension SampleReader {
  /// Decodes all sets of a block to rows `row`, `row` + 1, ...; returns the end of the last one.
  func decode(
    _ place: BlockPlace, to row: Int, _ offsets: inout MutableSpan<Int32>,
    _ ids: inout MutableSpan<UInt32>, _ weights: inout MutableSpan<Float>, from start: Int
  ) throws(StoreError) -> Int {
    let count = place.records.count
    precondition(row + count < offsets.count)
    let most = min(ids.count, weights.count) - start
    return try unsafe offsets.withUnsafeMutableBufferPointer {
      (offsets) throws(StoreError) -> Int in
      try unsafe ids.withUnsafeMutableBufferPointer { (ids) throws(StoreError) -> Int in
        try unsafe weights.withUnsafeMutableBufferPointer { (weights) throws(StoreError) -> Int in
          guard let offsets = offsets.baseAddress, let ids = ids.baseAddress,
            let weights = weights.baseAddress
          else { return start }
          // Counts are decoded where their weights will be: both have 32 bits.
          let values = unsafe UnsafeMutableRawPointer(weights).assumingMemoryBound(to: UInt32.self)
          var pairs = 0
          try cursor.load(place, times: times) { (shard, block) throws(StoreFault) in
            pairs = header.pairs(of: block.header)
            precondition(pairs <= most)
            let target = unsafe SetTarget(
              offsets: offsets + row, ids: ids, values: values, count: count, pairs: pairs,
              first: start)
            try withDecoder(shard) { decoder, file throws(StoreFault) in
              try decoder.decode(file, offset: block.offset, block.header, into: target)
            }
          }
          times?.endDecode()
          return start + pairs
        }
      }
    }
  }

  /// Copies some records of a block, decoding it unless the cache has it.
  func copy(
    _ records: Range<Int>, of place: BlockPlace, to row: Int, _ offsets: inout MutableSpan<Int32>,
    _ ids: inout MutableSpan<UInt32>, _ weights: inout MutableSpan<Float>, from start: Int
  ) throws(StoreError) -> Int {
    let first = place.records.lowerBound
    let sets = records.lowerBound - first..<records.upperBound - first
    // A single record is not worth the others of its block.
    let alone = records.count == 1 ? sets.lowerBound : nil
    defer { times?.endGather() }
    if let slot = slots.find(place.key) {
      return copy(cache[slot], sets, row, &offsets, &ids, &weights, start)
    }
    try load(place, alone: alone)
    if alone != nil { return copy(decoder.block, sets, row, &offsets, &ids, &weights, start) }
    let slot = slots.claim(place.key)
    swap(&decoder.block, &cache[slot])
    return copy(cache[slot], sets, row, &offsets, &ids, &weights, start)
  }

  /// Decodes a block into the decoder's own memory.
  func load(_ place: BlockPlace, alone: Int?) throws(StoreError) {
    try cursor.load(place, times: times) { (shard, block) throws(StoreFault) in
      try withDecoder(shard) { decoder, file throws(StoreFault) in
        try decoder.decode(file, offset: block.offset, block.header, alone: alone)
      }
    }
    times?.endDecode()
  }

  private func copy(
    _ block: borrowing SampleBlock, _ sets: Range<Int>, _ row: Int,
    _ offsets: inout MutableSpan<Int32>, _ ids: inout MutableSpan<UInt32>,
    _ weights: inout MutableSpan<Float>, _ start: Int
  ) -> Int {
    block.copy(
      sets, rounds: header.isWeighted ? nil : header.provenance.rounds, to: row,
      offsets: &offsets, ids: &ids, weights: &weights, from: start)
  }
}
