import RefluxBytes
import RefluxFiles

/// Checking a store.
extension StoreVerification {
  /// Checks the whole store at `path`: every checksum, the range of ids, sums of counts, document
  /// starts, the fingerprint.
  ///
  /// A store whose index or trailer is damaged or missing is checked block by block all the same,
  /// and every bad block is reported. Of a folder every shard is checked, and the manifest.
  ///
  /// - Parameters:
  ///   - tokens: the token store that a sample store must belong to; blocks that carry a sum of
  ///     their tokens are compared one by one, unless the whole is known to belong to others: that
  ///     is one failure.
  ///   - jobs: threads that check blocks side by side; the outcome does not depend on it.
  ///   - progress: called now and then, from one thread at a time, with the blocks done and their
  ///     total (nil if unknown).
  /// - Throws: only where there is nothing to check: `file`, `empty`, `notAStore`,
  ///   `convertedLineEnds`, `unsupportedVersion`, `unsupportedFeatures`, `manifest`; `wrongKind`
  ///   for a token store that is to belong to tokens.
  /// - Complexity: one pass over the file; memory of a few blocks per job and 8 bytes per document.
  public static func verify(
    path: String, against tokens: TokenStore? = nil, jobs: Int = 1,
    progress: @Sendable (_ done: Int, _ total: Int?) -> Void = { _, _ in }
  ) throws(StoreError) -> StoreVerification {
    if FileSystem.isFolder(path: path) {
      return try verify(folder: path, against: tokens, jobs: jobs, progress: progress)
    }
    var result = StoreVerification()
    let file = try StoreFile.map(path)
    let header: StoreHeader
    let dictionary: RankDictionary?
    do throws(StoreError) {
      header = try StoreHeader(file: file.bytes)
      dictionary = try RankDictionary.read(file.bytes, header)
    } catch .damaged(let part, let offset, let fault) {
      result.add(.damaged(part, offset: offset, fault))
      return result
    }
    let mismatch = try tokens.flatMap { tokens throws(StoreError) in
      try Self.unrelated(header, tokens)
    }
    let partner = mismatch == nil ? tokens : nil
    do throws(StoreError) {
      let store = try StoreFile(path: path, kind: nil)
      result.verify(store, partner, jobs, progress)
      result.checkWhole(store.file)
    } catch {
      result.add(error)
      result.scan(file, BlockChecker(header, dictionary, against: partner), header, progress)
    }
    if let mismatch { result.add(mismatch) }
    if let partner { result.align(path, partner) }
    return result
  }

  /// Why no block of a store can belong to the tokens; nil where it may.
  ///
  /// - Throws: `wrongKind`.
  private static func unrelated(
    _ header: StoreHeader, _ tokens: TokenStore
  ) throws(StoreError) -> StoreError? {
    guard header.kind == .samples else {
      throw .wrongKind(expected: .samples, found: header.kind)
    }
    let expected = header.provenance.tokensHash
    if expected == tokens.fingerprint { return nil }
    return .tokensDiffer(expected: expected, found: tokens.fingerprint)
  }

  private static func verify(
    folder: String, against tokens: TokenStore?, jobs: Int,
    progress: @Sendable (Int, Int?) -> Void
  ) throws(StoreError) -> StoreVerification {
    var result = StoreVerification()
    let names = try StoreManifest.shardNames(folder: folder)
    let paths = names.map { folder + "/" + $0 }
    let total = blockCount(paths)
    let mismatch = try tokens.flatMap { tokens throws(StoreError) in
      try firstHeader(paths).flatMap { header throws(StoreError) in
        try Self.unrelated(header, tokens)
      }
    }
    for (name, path) in zip(names, paths) {
      var shard: StoreVerification
      let before = result.blocks
      do throws(StoreError) {
        shard = try verify(
          path: path, against: mismatch == nil ? tokens : nil, jobs: jobs
        ) { done, _ in progress(before + done, total) }
      } catch {
        shard = StoreVerification()
        shard.add(error)
      }
      result.add(shard, named: name)
    }
    if result.isValid { result.checkManifest(folder) }
    if let mismatch { result.add(mismatch) }
    return result
  }

  /// The header of the first of several files that has one.
  private static func firstHeader(_ paths: [String]) -> StoreHeader? {
    for path in paths {
      if let file = try? StoreFile.map(path), let header = try? StoreHeader(file: file.bytes) {
        return header
      }
    }
    return nil
  }

  /// The blocks of all files together; nil where one of them does not say how many it has.
  private static func blockCount(_ paths: [String]) -> Int? {
    var total = 0
    for path in paths {
      guard let file = try? StoreFile(path: path, kind: nil) else { return nil }
      total += file.trailer.blocks
    }
    return total
  }

  /// What only the shards together can show.
  private mutating func checkManifest(_ folder: String) {
    do throws(StoreError) {
      _ = try StoreManifest.open(folder: folder, kind: StoreManifest.kind(folder: folder))
    } catch {
      add(error)
    }
  }

  private mutating func verify(
    _ store: StoreFile, _ tokens: TokenStore?, _ jobs: Int,
    _ progress: @Sendable (Int, Int?) -> Void
  ) {
    checkIndex(store)
    guard isValid else {
      return scan(
        store.file, BlockChecker(store.header, store.dictionary, against: tokens), store.header,
        progress)
    }
    let findings = BlockSurvey(store, tokens).run(jobs: jobs, progress)
    add(findings)
    if isValid { compareTotals(store, findings) }
  }

  /// Checks every page of the index; what was read is let go, so that its length is no memory.
  private mutating func checkIndex(_ store: StoreFile) {
    let (file, index, share) = (store.file, store.index, 4096)
    for page in 0..<index.pages {
      do throws(StoreError) {
        try index.check(page: page, in: file.bytes)
      } catch {
        add(error)
      }
      if page % share == share - 1 {
        let end = index.offset + (page + 1) * StoreIndex.pageBytes
        file.drop(end - share * StoreIndex.pageBytes..<end)
      }
    }
  }

  /// What was read of a file that another process shortened meanwhile may have been zeros.
  private mutating func checkWhole(_ file: MappedFile) {
    do throws(FileError) {
      try file.checkWhole()
    } catch .cut {
      add(.damaged(.trailer, offset: 0, .vanished))
    } catch {
      add(.file(error))
    }
  }

  /// What only the whole file can show.
  private mutating func compareTotals(_ store: StoreFile, _ findings: BlockChecker.Findings) {
    let trailer = store.trailer
    let end = store.file.count - StoreLimits.trailerBytes
    if findings.fingerprint != trailer.fingerprint {
      add(
        .damaged(
          .trailer, offset: end + 48,
          .checksum(expected: trailer.fingerprint, found: findings.fingerprint)))
    }
    if findings.compressedBlocks != trailer.compressedBlocks {
      add(
        .damaged(
          .trailer, offset: end + 24,
          .field(
            "compressed block count", expected: "\(findings.compressedBlocks)",
            found: "\(trailer.compressedBlocks)")))
    }
    let file = store.file
    let stated = (0..<trailer.documents).map {
      store.index.number(trailer.blocks + $0, in: file.bytes)
    }
    let differs = zip(stated, findings.documents).enumerated().first { $1.0 != $1.1 }?.offset
    if differs != nil || stated.count != findings.documents.count {
      let number = differs ?? min(stated.count, findings.documents.count)
      add(
        .damaged(
          .index, offset: store.index.offset,
          .field(
            "start of document \(number)",
            expected: number < findings.documents.count
              ? "\(findings.documents[number])" : "none", found: "another")))
    }
  }

  private mutating func scan(
    _ file: MappedFile, _ checker: consuming BlockChecker, _ header: StoreHeader,
    _ progress: (Int, Int?) -> Void
  ) {
    var scanner = BlockScanner(file, header)
    repeat {
      while let block = scanner.next() {
        checker.check(file, block)
        progress(checker.findings.blocks, nil)
      }
      // What follows a short block of an unsealed file is a part of the index.
      if scanner.isAtEnd || scanner.isComplete { break }
      if let fault = scanner.fault {
        checker.add(.damaged(.block(scanner.block), offset: scanner.offset, fault))
      }
    } while scanner.skipDamage()
    add(checker.take())
  }

  private mutating func align(_ path: String, _ tokens: TokenStore) {
    guard isValid else { return }
    do throws(StoreError) {
      try SampleStore(path: path).check(against: tokens)
    } catch {
      add(error)
    }
  }
}
