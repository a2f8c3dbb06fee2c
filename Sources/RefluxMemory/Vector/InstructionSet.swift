package import CRows

/// The instruction set that passes over rows run on: chosen once, by what the processor has.
///
/// All sets compute the same functions to the same bounds; their last bits differ, so results are
/// comparable bit by bit only where the set is the same.
@safe
public struct InstructionSet: Sendable, Equatable, CustomStringConvertible {
  // Safe because: the tables are constants of the program.
  package nonisolated(unsafe) let table: UnsafePointer<crows_table>

  /// What this machine can run, best first; at least one.
  public static let available: [InstructionSet] = {
    var sets: [InstructionSet] = []
    var index = 0
    while let table = unsafe tables[index] {
      if unsafe crows_runs(table) != 0 { unsafe sets.append(InstructionSet(table: table)) }
      index += 1
    }
    return sets
  }()

  /// The best one that this machine can run.
  public static let best = available[0]

  /// `x86-64-v4`, `x86-64-v3`, `baseline` or `neon`.
  public var name: String { unsafe String(cString: table.pointee.name) }
  /// The name.
  public var description: String { name }

  /// Whether both are the same set.
  public static func == (a: InstructionSet, b: InstructionSet) -> Bool {
    unsafe a.table == b.table
  }

  /// x_j <- factor x_j: one read, one multiplication and one write of each number, the least that
  /// work in place can do. What benchmarks measure losses against.
  public func multiply<Element: Scalar>(_ row: View<Element>, by factor: Float) {
    if Element.self == BFloat16.self {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
      unsafe table.pointee.multiply_bfloat16!(x, row.count, factor)
    } else {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: Float.self)
      unsafe table.pointee.multiply!(x, row.count, factor)
    }
  }

  private static var tables: UnsafePointer<UnsafePointer<crows_table>?> {
    unsafe crows_all()
  }
}
