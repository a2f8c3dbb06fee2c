import RefluxFiles
import Synchronization

/// The system calls of a writer in their order, of which some fail.
final class CallTrace: Sendable {
  struct Call: Equatable {
    var operation: FileOperation
    /// The descriptor that it was made on; nil where the call takes a path.
    var descriptor: Int32?
    /// What it returned: a negative `errno` if it failed.
    var result: Int
  }

  private let recorded = Mutex<[Call]>([])
  private let failure: @Sendable (_ number: Int, FileOperation) -> Int32?
  private let tearing: Bool

  var all: [Call] { recorded.withLock { $0 } }

  /// - Parameter failure: the `errno` of call number ..., from 0 on; nil makes the real call.
  /// - Parameter tearing: a write that fails has written half of its bytes.
  init(
    tearing: Bool = false,
    failure: @escaping @Sendable (Int, FileOperation) -> Int32? = { _, _ in nil }
  ) {
    self.failure = failure
    self.tearing = tearing
  }

  var calls: FileCalls {
    let system = FileCalls.system
    return FileCalls(
      open: { path, flags in self.call(.open) { system.open(path, flags) } },
      write: { descriptor, bytes in
        let next = self.all.count
        if self.tearing, self.failure(next, .write) != nil {
          _ = system.write(descriptor, bytes.extracting(first: bytes.byteCount / 2))
        }
        return self.call(.write, descriptor) { system.write(descriptor, bytes) }
      },
      sync: { descriptor in self.call(.sync, descriptor) { system.sync(descriptor) } },
      rename: { source, target in self.call(.rename) { system.rename(source, target) } },
      truncate: { descriptor, size in
        self.call(.truncate, descriptor) { system.truncate(descriptor, size) }
      })
  }

  private func call<Result: FixedWidthInteger & SignedInteger>(
    _ operation: FileOperation, _ descriptor: Int32? = nil, _ body: () -> Result
  ) -> Result {
    let number = recorded.withLock { calls in
      calls.append(Call(operation: operation, descriptor: descriptor, result: 0))
      return calls.count - 1
    }
    let result = failure(number, operation).map { -Result($0) } ?? body()
    recorded.withLock { $0[number].result = Int(result) }
    return result
  }
}
