/// The form in which sets leave the module.
extension SampleBlock {
  /// Copies `sets` to rows `row`, `row` + 1, ... of CSR arrays; returns the end of the last one.
  ///
  /// - Parameter rounds: what counts are divided by; nil where values are bit patterns of weights.
  func copy(
    _ sets: Range<Int>, rounds: Int?, to row: Int, offsets: inout MutableSpan<Int32>,
    ids: inout MutableSpan<UInt32>, weights: inout MutableSpan<Float>, from start: Int
  ) -> Int {
    let first = Int(self.offsets[sets.lowerBound])
    let count = Int(self.offsets[sets.upperBound]) - first
    let shift = Int32(start - first)
    for set in 0..<sets.count {
      offsets[row + set + 1] = self.offsets[sets.lowerBound + set + 1] &+ shift
    }
    precondition(start + count <= ids.count && start + count <= weights.count)
    unsafe ids.withUnsafeMutableBufferPointer { ids in
      unsafe weights.withUnsafeMutableBufferPointer { weights in
        guard count > 0, let ids = ids.baseAddress, let weights = weights.baseAddress else {
          return
        }
        unsafe copy(first, count, rounds, ids + start, weights + start)
      }
    }
    return start + count
  }

  private func copy(
    _ first: Int, _ count: Int, _ rounds: Int?, _ ids: UnsafeMutablePointer<UInt32>,
    _ weights: UnsafeMutablePointer<Float>
  ) {
    unsafe self.ids.withUnsafeBufferPointer { source in
      unsafe ids.update(from: source.baseAddress! + first, count: count)
    }
    unsafe values.withUnsafeBufferPointer { source in
      let source = unsafe source.baseAddress! + first
      guard let rounds else {
        for index in 0..<count { unsafe weights[index] = Float(bitPattern: source[index]) }
        return
      }
      let divisor = Float(rounds)
      // A count is below 2^31: the conversion from a signed number is one instruction.
      for index in 0..<count {
        unsafe weights[index] = Float(Int32(truncatingIfNeeded: source[index])) / divisor
      }
    }
  }
}
