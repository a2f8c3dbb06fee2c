public import RefluxMemory

extension Attention {
  /// What the passes take as `documents`, from an id per position: neighbours of one id are one
  /// document.
  ///
  /// - Parameters:
  ///   - ids: of all positions of a sequence.
  ///   - starts: for each position the one at which its document starts.
  public static func findDocuments(_ ids: View<UInt32>, into starts: View<Int32>) {
    for position in 0..<ids.count {
      let continues = position > 0 && ids[position] == ids[position - 1]
      starts[position] = continues ? starts[position - 1] : Int32(position)
    }
  }
}
