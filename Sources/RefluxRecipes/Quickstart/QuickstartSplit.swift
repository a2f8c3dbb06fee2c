internal import RefluxBytes
internal import RefluxFiles

/// The quickstart's text, by use.
struct QuickstartSplit {
  var train: TextCorpus
  /// The part of `train` that the students learn from.
  var distill: TextCorpus
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
    var (train, distill, heldOut) = ([TextFile](), [TextFile](), [TextFile]())
    var distillBytes = 0
    // The tokens of one epoch of the students, at about three bytes a token, and a reserve.
    let enough = (configuration.studentTokens + configuration.tokensPerStep) * 7 / 2
    for (content, file) in try hashedFiles() where seen.insert(content).inserted {
      hashes.append(content)
      if content % configuration.heldOutShare == 0 {
        heldOut.append(file)
      } else {
        train.append(file)
        if distillBytes < enough {
          distill.append(file)
          distillBytes += file.byteCount
        }
      }
    }
    holdOutOne(&train, &distill, &heldOut)
    if train.isEmpty || heldOut.isEmpty {
      throw .tooFewFiles(found: train.count + heldOut.count)
    }
    return QuickstartSplit(
      train: TextCorpus(files: train), distill: TextCorpus(files: distill),
      heldOut: TextCorpus(files: heldOut), files: train.count + heldOut.count,
      bytes: (train + heldOut).reduce(0) { $0 + $1.byteCount },
      hash: unsafe XXH64.hash(hashes.span.bytes))
  }

  /// Too few files for a share of them: one changes sides.
  private func holdOutOne(
    _ train: inout [TextFile], _ distill: inout [TextFile], _ heldOut: inout [TextFile]
  ) {
    if heldOut.isEmpty, train.count > 1 {
      let last = train.removeLast()
      distill.removeAll { $0 == last }
      heldOut = [last]
    } else if train.isEmpty, heldOut.count > 1 {
      train = Array(heldOut.dropLast())
      distill = train
      heldOut = [heldOut[heldOut.count - 1]]
    }
  }

  /// Files with the hash of their content, in the order of the hashes: a shuffle that needs no
  /// random numbers.
  private func hashedFiles() throws(RecipeError) -> [(UInt64, TextFile)] {
    var files: [(UInt64, TextFile)] = []
    for file in corpus.files {
      let content = try TextCorpus.map(file.path)
      files.append((XXH64.hash(content.bytes), file))
    }
    return files.sorted { ($0.0, $0.1.path) < ($1.0, $1.1.path) }
  }
}
