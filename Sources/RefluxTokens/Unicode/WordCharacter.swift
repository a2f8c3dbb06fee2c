/// The characters that make words where added tokens ask for words of their own (`\w` of the
/// tokenizers package): letters, marks, decimal digits, connectors and joiners of Unicode 16.0.0.
enum WordCharacter {
  static func contains(_ scalar: Int) -> Bool {
    var (low, high) = (0, edges.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(edges[middle]) <= scalar { low = middle + 1 } else { high = middle }
    }
    return low % 2 == 1
  }
}
