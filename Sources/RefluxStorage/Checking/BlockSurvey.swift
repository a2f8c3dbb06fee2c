internal import Dispatch
internal import Synchronization

/// Checks the blocks of a sealed file on several threads.
///
/// Blocks are handed out in shares; what the shares came to is put together in their order, so that
/// the outcome does not depend on the number of threads.
struct BlockSurvey {
  private let store: StoreFile
  private let tokens: TokenStore?

  /// Blocks in a share: about a megabyte.
  private static let share = 64

  /// What is done so far.
  private struct State {
    var nextShare = 0
    var blocks = 0
    /// What the first shares came to, together, and how many those are.
    var findings = BlockChecker.Findings()
    var joined = 0
    /// What later shares came to.
    var waiting: [Int: BlockChecker.Findings] = [:]

    mutating func add(_ part: BlockChecker.Findings, of share: Int) {
      blocks += part.blocks
      waiting[share] = part
      while let next = waiting.removeValue(forKey: joined) {
        findings.add(next)
        joined += 1
      }
    }
  }

  init(_ store: StoreFile, _ tokens: TokenStore?) {
    self.store = store
    self.tokens = tokens
  }

  /// - Parameter jobs: threads; each has a serial queue of its own, as page faults block it.
  func run(
    jobs: Int, _ progress: @Sendable (_ done: Int, _ total: Int?) -> Void
  ) -> BlockChecker.Findings {
    let state = Mutex(State())
    let shares = (store.trailer.blocks + Self.share - 1) / Self.share
    withoutActuallyEscaping(progress) { progress in
      let group = DispatchGroup()
      for job in 1..<max(1, min(jobs, shares)) {
        DispatchQueue(label: "reflux.verify.\(job)").async(group: group) {
          work(state, shares, progress)
        }
      }
      work(state, shares, progress)
      group.wait()
    }
    return state.withLock { $0.findings }
  }

  private func work(
    _ state: borrowing Mutex<State>, _ shares: Int, _ progress: @Sendable (Int, Int?) -> Void
  ) {
    var checker = BlockChecker(store.header, store.dictionary, against: tokens)
    var reader = IndexReader(store)
    while true {
      let share = state.withLock { state in
        state.nextShare += 1
        return state.nextShare - 1
      }
      if share >= shares { return }
      let first = share * Self.share
      for number in first..<min(first + Self.share, store.trailer.blocks) {
        do throws(StoreError) {
          checker.check(store.file, try store.check(block: number, &reader))
        } catch {
          checker.add(error)
        }
      }
      let findings = checker.take()
      state.withLock { state in
        state.add(findings, of: share)
        progress(state.blocks, store.trailer.blocks)
      }
    }
  }
}
