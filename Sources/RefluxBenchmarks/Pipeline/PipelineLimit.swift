internal import Dispatch
internal import RefluxStorage
internal import RefluxWorkers

/// What no feed can be faster than.
struct PipelineLimit {
  private static let rows = 2048
  /// Bytes of its memory.
  let bytes: Int
  /// Tokens of a run where that does not depend on the work.
  let tokens: Int?
  private let work: (_ tokens: Int) throws(BenchmarkError) -> UInt64

  /// Runs it for so many tokens.
  func run(_ tokens: Int) throws(BenchmarkError) -> UInt64 { try work(tokens) }

  /// `memcpy` of the bytes of each batch.
  init(copying bytes: Int) {
    let buffer = CopyBuffer(count: bytes / 8)
    self.bytes = 2 * bytes
    tokens = nil
    work = { tokens throws(BenchmarkError) in
      var sum: UInt64 = 0
      for _ in 0..<tokens / PipelineSubject.batchTokens { sum &+= buffer.copy() }
      return sum
    }
  }

  /// The store's own reader from the first record to the last, a few windows at a time; several
  /// threads have a share of the store each.
  init(decoding path: String, threads: Int) throws(BenchmarkError) {
    let opened = try BenchmarkStore(path: path)
    let samples = opened.store
    let readers = (0..<threads).map { _ in LentReader(RowReader(opened, rows: Self.rows)) }
    bytes = threads * (Self.rows * (4 + 8 * samples.capacity) + samples.readerBytes)
    let windows = samples.count / Self.rows
    tokens = windows * Self.rows
    work = { _ throws(BenchmarkError) in
      let failure = FirstFailure<BenchmarkError>()
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        failure.watch(share: thread) { () throws(BenchmarkError) in
          for window in thread * windows / threads..<(thread + 1) * windows / threads {
            let first = window * Self.rows
            _ = try readers[thread].rows.read(first..<first + Self.rows)
          }
        }
      }
      try failure.check()
      return UInt64(windows)
    }
  }
}

/// Two pieces of memory that are copied from one to the other.
private final class CopyBuffer: @unchecked Sendable {
  // Safe because: one thread measures.
  private var source: [UInt64]
  private var target: [UInt64]

  init(count: Int) {
    source = (0..<count).map { UInt64($0) }
    target = Array(repeating: 0, count: count)
  }

  func copy() -> UInt64 {
    let count = source.count
    precondition(target.count == count)
    for index in 0..<count { target[index] = source[index] }
    return target[count - 1]
  }
}

/// A reader that another thread uses.
private final class LentReader: @unchecked Sendable {
  // Safe because: each belongs to one thread at a time.
  let rows: RowReader

  init(_ rows: RowReader) { self.rows = rows }
}
