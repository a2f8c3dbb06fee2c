import RefluxBytes
import RefluxFiles

/// Checking a store.
extension StoreVerification {
  /// Checks the whole store at `path`: every checksum, the order and range of ids, sums of counts,
  /// unused slots, document starts, the content fingerprint.
  ///
  /// A store whose index or trailer is damaged or missing is checked block by block all the same,
  /// and every bad block is reported.
  /// - Parameters:
  ///   - tokens: the token store that a sample store must belong to.
  ///   - progress: called after each block with the blocks done and their total (nil if unknown).
  /// Throws only where there is nothing to check: `file`, `empty`, `notAStore`,
  /// `convertedLineEnds`, `unsupportedVersion`, `unsupportedFeatures`.
  /// Cost: one pass over the file; memory of a few blocks and 8 bytes per document.
  public static func verify(
    path: String, against tokens: TokenStore? = nil,
    progress: (_ done: Int, _ total: Int?) -> Void = { _, _ in }
  ) throws(StoreError) -> StoreVerification {
    var result = StoreVerification()
    let file = try StoreFile.map(path)
    let header: StoreHeader
    do throws(StoreError) {
      header = try StoreHeader(file: file.bytes)
    } catch .damaged(let part, let offset, let fault) {
      result.add(.damaged(part, offset: offset, fault))
      return result
    }
    do throws(StoreError) {
      let store = try StoreFile(path: path, kind: nil)
      result.verify(store, progress)
    } catch {
      result.add(error)
      result.scan(file, header, progress)
    }
    if let tokens { result.align(path, header, tokens) }
    return result
  }

  private mutating func verify(_ store: StoreFile, _ progress: (Int, Int?) -> Void) {
    var checker = BlockChecker(store.header)
    var compressed = 0
    for number in 0..<store.trailer.blocks {
      do throws(StoreError) {
        let block = ScannedBlock(
          offset: store.start(ofBlock: number), header: try store.checkBlock(number))
        if block.header.codec == .lz4 { compressed += 1 }
        check(block, in: store.file, &checker)
      } catch {
        add(error)
      }
      blocks += 1
      progress(blocks, store.trailer.blocks)
    }
    if isValid { compareTotals(store, checker, compressed) }
  }

  /// What only the whole file can show.
  private mutating func compareTotals(
    _ store: StoreFile, _ checker: borrowing BlockChecker, _ compressed: Int
  ) {
    let found = checker.hash.digest()
    let end = store.file.count - StoreLimits.trailerBytes
    if found != store.trailer.fingerprint {
      add(
        .damaged(
          .trailer, offset: end + 48,
          .checksum(expected: store.trailer.fingerprint, found: found)))
    }
    if compressed != store.trailer.compressedBlocks {
      add(
        .damaged(
          .trailer, offset: end + 24,
          .field(
            "compressed block count", expected: "\(compressed)",
            found: "\(store.trailer.compressedBlocks)")))
    }
    let file = store.file
    for (number, expected) in checker.documents.enumerated()
    where number >= store.index.documents
      || store.index.document(number, in: file.bytes) != expected
    {
      addDocuments(store, number, expected: expected)
      return
    }
    if checker.documents.count != store.index.documents {
      addDocuments(store, checker.documents.count, expected: nil)
    }
  }

  private mutating func addDocuments(_ store: StoreFile, _ number: Int, expected: Int?) {
    add(
      .damaged(
        .index, offset: store.index.offset,
        .field(
          "start of document \(number)", expected: expected.map { "\($0)" } ?? "none",
          found: "another")))
  }

  private mutating func scan(
    _ file: MappedFile, _ header: StoreHeader, _ progress: (Int, Int?) -> Void
  ) {
    var checker = BlockChecker(header)
    var scanner = BlockScanner(file, header)
    while true {
      while let block = scanner.next() {
        check(block, in: file, &checker)
        blocks += 1
        progress(blocks, nil)
      }
      if scanner.isAtEnd { return }
      if let fault = scanner.fault { add(fault, block: scanner.block, offset: scanner.offset) }
      blocks += 1
      if !scanner.skipDamage() { return }
    }
  }

  private mutating func check(
    _ block: ScannedBlock, in file: MappedFile, _ checker: inout BlockChecker
  ) {
    do throws(StoreFault) {
      try checker.check(file, block)
      records += block.header.records
    } catch {
      add(error, block: block.header.block, offset: block.offset)
    }
  }

  private mutating func align(_ path: String, _ header: StoreHeader, _ tokens: TokenStore) {
    guard isValid else { return }
    do throws(StoreError) {
      guard header.kind == .samples else {
        throw .wrongKind(expected: .samples, found: header.kind)
      }
      try SampleStore(path: path).check(against: tokens)
    } catch {
      add(error)
    }
  }
}
