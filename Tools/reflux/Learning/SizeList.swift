import ArgumentParser

/// Sizes on the command line: `1,4,16`.
struct SizeList: ExpressibleByArgument {
  var sizes: [Int]

  init?(argument: String) {
    sizes = []
    for text in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let size = Int(text), (1...65_536).contains(size) else { return nil }
      sizes.append(size)
    }
  }
}
