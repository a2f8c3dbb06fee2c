import RefluxBytes
import RefluxFiles

/// Saving what is intact of an unsealed or damaged store into a new sealed one.
public struct StoreRecovery: Equatable, Sendable {
  /// Records of the new store.
  public let recordsRecovered: Int
  /// Records that are known to be lost. Of an unsealed file it is unknown how many were still to
  /// come.
  public let recordsLost: Int

  /// Copies the whole, valid blocks of the store at `path` to a new sealed store at `output`.
  ///
  /// Of a token store every intact block is kept; the text after a gap starts a new document. Of a
  /// sample store everything up to the first damage is kept: position i of the new store is still
  /// position i of its token store. The source is never changed.
  ///
  /// - Parameters:
  ///   - path: the store, or the `.partial` file of a stopped writer.
  ///   - output: where the new store appears, as whole as any.
  ///   - progress: called after each block with the bytes passed and the file's size.
  /// - Throws: `file`, the cases for files that are no stores, and `damaged(.header, ...)`: without
  ///   a header nothing can be read.
  /// - Complexity: one pass over the file, and the writing.
  public static func recover(
    path: String, output: String, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(StoreError) -> StoreRecovery {
    let file = try StoreFile.map(path)
    let header = try StoreHeader(file: file.bytes)
    let dictionary = try RankDictionary.read(file.bytes, header)
    var scanner = BlockScanner(file, header)
    let salvage = try StoreSalvage(header, dictionary, output)
    let summary: StoreSummary
    do throws(StoreError) {
      repeat {
        while let block = scanner.next() {
          guard try salvage.take(block, file) || header.kind == .tokens else { break }
          progress(scanner.offset, file.count)
        }
      } while header.kind == .tokens && !scanner.isAtEnd && scanner.skipDamage()
      summary = try salvage.seal()
    } catch {
      salvage.discard()
      throw error
    }
    return StoreRecovery(
      recordsRecovered: summary.records,
      recordsLost: max(0, expectedRecords(file, header, scanner) - summary.records))
  }

  /// How many records the file is known to have had.
  private static func expectedRecords(
    _ file: MappedFile, _ header: StoreHeader, _ scanner: borrowing BlockScanner
  ) -> Int {
    do throws(StoreError) {
      return try StoreTrailer.read(file.bytes, header).records
    } catch {
      return scanner.recordsSeen
    }
  }
}
