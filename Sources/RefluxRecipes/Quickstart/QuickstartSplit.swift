internal import RefluxBytes
internal import RefluxFiles

/// The quickstart's text, by use.
struct QuickstartSplit {
  var train: TextCorpus
  var heldOut: TextCorpus
  var files: Int
  var bytes: Int
  /// Of the content of all files, wherever they lie.
  var hash: UInt64
}

extension Quickstart {
  /// Splits by file, by a hash of the content: the same file always falls on the same side.
  func split() throws(RecipeError) -> QuickstartSplit {
    var (seen, hashes) = (Set<UInt64>(), [UInt64]())
    var (train, heldOut) = ([TextFile](), [TextFile]())
    var bytes = 0
    for (hash, file) in try hashedFiles() where seen.insert(hash).inserted {
      if bytes >= configuration.textBytes ?? .max { break }
      bytes += file.byteCount
      hashes.append(hash)
      if hash % configuration.heldOutShare == 0 { heldOut.append(file) } else { train.append(file) }
    }
    // Too few files for a share of them: one changes sides.
    if heldOut.isEmpty, train.count > 1 { heldOut = [train.removeLast()] }
    if train.isEmpty, heldOut.count > 1 { train = [heldOut.removeLast()] }
    if train.isEmpty || heldOut.isEmpty {
      throw .tooFewFiles(found: train.count + heldOut.count)
    }
    return QuickstartSplit(
      train: TextCorpus(files: train), heldOut: TextCorpus(files: heldOut), files: hashes.count,
      bytes: bytes,
      hash: unsafe XXH64.hash(hashes.span.bytes))
  }

  /// Files with the hash of their content, in the order of the hashes: a shuffle that needs no
  /// random numbers.
  private func hashedFiles() throws(RecipeError) -> [(UInt64, TextFile)] {
    var files: [(UInt64, TextFile)] = []
    for file in corpus.files {
      let content = try file.map()
      files.append((XXH64.hash(content.bytes), file))
    }
    return files.sorted { ($0.0, $0.1.path) < ($1.0, $1.1.path) }
  }
}
