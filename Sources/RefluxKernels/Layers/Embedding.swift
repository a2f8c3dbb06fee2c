public import RefluxMemory

/// Rows of a table by token id.
public enum Embedding {
  /// y_r = scale table[token_r].
  public static func forward(
    _ table: Matrix<Float>, tokens: View<UInt32>, scale: Float = 1, into y: Matrix<Float>
  ) {
    for row in 0..<tokens.count {
      y.row(row).copy(from: table.row(Int(tokens[row])))
      if scale != 1 { y.row(row).multiply(by: scale) }
    }
  }

  /// table gradient[token_r] += dy_r for the tokens in `ids`, in the order of the rows: workers
  /// take disjoint ranges of ids, so that the sums come out the same for any number of workers.
  public static func backward(
    _ dy: Matrix<Float>, tokens: View<UInt32>, ids: Range<Int>,
    addingTo tableGradient: Matrix<Float>
  ) {
    for row in 0..<tokens.count where ids.contains(Int(tokens[row])) {
      add(dy.row(row), to: tableGradient.row(Int(tokens[row])))
    }
  }
}

/// target_j += source_j.
public func add(_ source: View<Float>, to target: View<Float>) {
  precondition(source.count <= target.count)
  var index = 0
  while index + 16 <= source.count {
    target.store(target.load(index) + source.load(index), index)
    index += 16
  }
  while index < source.count {
    target[index] += source[index]
    index += 1
  }
}
