internal import RefluxBytes
public import RefluxLosses
public import RefluxMemory

/// A row of numbers for each id, by whose cosines `kd-sim` compares ids: a teacher's output rows.
///
/// A row of zeros has a cosine of 0 with all others. Memory: 4 bytes per number.
public struct SimilarityTable: Sendable {
  /// XXH64 of the rows at length 1: tables that share it give the same cosines.
  public let fingerprint: UInt64
  /// The rows at length 1, one for each id.
  let units: Matrix<Float>
  private let arena = Arena(blockBytes: 1 << 16)

  /// Brings rows to length 1.
  ///
  /// - Parameters:
  ///   - values: row by row.
  ///   - width: numbers of a row, above 0; divides those in all.
  /// - Throws: `noNumber` for the first that is infinite or none.
  public init(_ values: [Double], width: Int) throws(ObjectiveError) {
    precondition(width > 0 && values.count.isMultiple(of: width), "whole rows")
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw .noNumber(row: place / width, column: place % width, of: "the table")
    }
    units = arena.takeMatrix(values.count / width, width)
    for row in 0..<units.rows {
      let own = values[row * width..<(row + 1) * width]
      let norm = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (column, value) in own.enumerated() where norm > 0 {
        units.row(row)[column] = Float(value / norm)
      }
    }
    var hash = XXH64()
    units.elements.withBytes { hash.update($0) }
    fingerprint = hash.digest()
  }

  /// What the rows take.
  public var memory: MemoryNeed { MemoryNeed(bytes: arena.byteCount) }

  /// Refuses a table without a row for each id.
  ///
  /// - Throws: `table`.
  public func check(vocabularySize: Int) throws(ObjectiveError) {
    if units.rows != vocabularySize {
      throw .table(rows: units.rows, vocabularySize: vocabularySize)
    }
  }
}

extension SimilarityTable: Equatable {
  /// Whether the cosines are the same.
  public static func == (a: SimilarityTable, b: SimilarityTable) -> Bool {
    a.fingerprint == b.fingerprint
  }
}
