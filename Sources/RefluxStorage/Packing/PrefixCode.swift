/// A canonical, length-limited prefix code (SPEC.md, section 5.4).
enum PrefixCode {
  /// The longest code in bits: a table of 2^11 entries fits the first-level cache.
  static let maximumLength = 11

  /// The lengths of a complete code of the least cost for symbols of these frequencies.
  ///
  /// A symbol that does not occur has length 0; one that occurs alone has length 1.
  /// Huffman's algorithm on the sorted frequencies, with two queues; where that exceeds the limit,
  /// packages and merging (Larmore and Hirschberg, 1990). Equal frequencies go by the symbol, so
  /// that the same frequencies always give the same code.
  static func lengths(of frequencies: [UInt32]) -> [UInt8] {
    var lengths = [UInt8](repeating: 0, count: frequencies.count)
    let symbols = sortedSymbols(frequencies)
    guard symbols.count > 1 else {
      for symbol in symbols { lengths[symbol] = 1 }
      return lengths
    }
    let weights = symbols.map { UInt64(frequencies[$0]) }
    var counts = depthCounts(weights)
    if counts.count > maximumLength + 1, counts[(maximumLength + 1)...].contains(where: { $0 > 0 })
    {
      counts = limitedCounts(weights)
    }
    var next = symbols.count
    for (length, count) in counts.enumerated() {
      for _ in 0..<count {
        next -= 1
        lengths[symbols[next]] = UInt8(length)
      }
    }
    return lengths
  }

  /// The symbols that occur, ascending by their frequency and then by themselves.
  private static func sortedSymbols(_ frequencies: [UInt32]) -> [Int] {
    var keys: [UInt64] = []
    for (symbol, frequency) in frequencies.enumerated() where frequency > 0 {
      keys.append(UInt64(frequency) << 32 | UInt64(symbol))
    }
    keys.sort()
    return keys.map { Int($0 & 0xFFFF_FFFF) }
  }

  /// How many leaves of Huffman's tree lie at each depth; `weights` ascend.
  private static func depthCounts(_ weights: [UInt64]) -> [Int] {
    let leaves = weights.count
    // Nodes in the order of their making: first the leaves, then the inner ones, both ascending.
    var nodes = weights
    var parents = [Int](repeating: 0, count: 2 * leaves - 1)
    var (leaf, inner) = (0, leaves)
    func takeSmallest() -> Int {
      if leaf < leaves, inner >= nodes.count || nodes[leaf] <= nodes[inner] {
        leaf += 1
        return leaf - 1
      }
      inner += 1
      return inner - 1
    }
    while nodes.count < 2 * leaves - 1 {
      let (first, second) = (takeSmallest(), takeSmallest())
      (parents[first], parents[second]) = (nodes.count, nodes.count)
      nodes.append(nodes[first] + nodes[second])
    }
    var depths = [Int](repeating: 0, count: 2 * leaves - 1)
    var counts = [Int](repeating: 0, count: leaves)
    for node in (0..<2 * leaves - 2).reversed() {
      depths[node] = depths[parents[node]] + 1
      if node < leaves { counts[depths[node]] += 1 }
    }
    return counts
  }

  /// How many leaves of the best tree within the limit lie at each depth; `weights` ascend.
  private static func limitedCounts(_ weights: [UInt64]) -> [Int] {
    // Per level, from the deepest on: which items of the merged list are leaves.
    var levels: [[Bool]] = []
    var packages: [UInt64] = []
    for _ in 0..<maximumLength {
      let (items, leaves) = merge(weights, packages)
      levels.append(leaves)
      packages = stride(from: 0, to: items.count - 1, by: 2).map { items[$0] + items[$0 + 1] }
    }
    // A leaf is as deep as there are levels that it was taken from.
    var taken = 2 * weights.count - 2
    var deeper = 0
    var counts = [Int](repeating: 0, count: maximumLength + 1)
    for (depth, leaves) in levels.reversed().enumerated() {
      let chosen = leaves[..<taken].count { $0 }
      counts[depth] += depth == 0 ? 0 : deeper - chosen
      deeper = chosen
      taken = 2 * (taken - chosen)
    }
    counts[maximumLength] += deeper
    return counts
  }

  /// Leaves and packages in ascending order, and which of them are leaves.
  private static func merge(
    _ leaves: [UInt64], _ packages: [UInt64]
  ) -> (items: [UInt64], isLeaf: [Bool]) {
    var (items, isLeaf): ([UInt64], [Bool]) = ([], [])
    var (leaf, package) = (0, 0)
    while leaf < leaves.count || package < packages.count {
      let next =
        package == packages.count || leaf < leaves.count && leaves[leaf] <= packages[package]
      items.append(next ? leaves[leaf] : packages[package])
      isLeaf.append(next)
      if next { leaf += 1 } else { package += 1 }
    }
    return (items, isLeaf)
  }

  /// Gives out codes in the order of the symbols, without memory of their number.
  struct Codes {
    /// The next code of each length.
    private var next: InlineArray<16, UInt16> = .init(repeating: 0)

    init(_ lengths: [UInt8]) {
      var counts: InlineArray<16, UInt16> = .init(repeating: 0)
      for length in lengths where length > 0 { counts[Int(length)] += 1 }
      for length in 1..<maximumLength { next[length + 1] = (next[length] + counts[length]) << 1 }
    }

    /// The code of the next symbol, which has this length, with its first bit lowest.
    mutating func next(length: Int) -> UInt16 {
      defer { next[length] += 1 }
      return reversed(next[length], count: length)
    }
  }

  /// The code of each symbol with its first bit lowest.
  static func codes(of lengths: [UInt8]) -> [UInt16] {
    var codes = Codes(lengths)
    return lengths.map { $0 > 0 ? codes.next(length: Int($0)) : 0 }
  }

  private static func reversed(_ code: UInt16, count: Int) -> UInt16 {
    var (rest, result) = (code, UInt16(0))
    for _ in 0..<count {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }

  /// Whether the lengths are those of a complete code, or of a single symbol.
  static func isComplete(_ lengths: [UInt8]) -> Bool {
    var sum = 0
    var used = 0
    for length in lengths where length > 0 {
      if Int(length) > maximumLength { return false }
      sum += 1 << (maximumLength - Int(length))
      used += 1
    }
    if used == 1 { return sum == 1 << (maximumLength - 1) }
    return sum == 1 << maximumLength
  }
}
