internal import Synchronization

/// What a lane is doing, for whoever asks while it does it.
final class LaneBoard: Sendable {
  /// What a lane can be doing.
  enum Activity: Int {
    case starting, waiting, tokens, samples, ended, failed

    var text: String {
      switch self {
      case .starting: "starting"
      case .waiting: "waiting for a slot"
      case .tokens: "reading tokens"
      case .samples: "reading samples"
      case .ended: "ended"
      case .failed: "failed"
      }
    }
  }

  private let activity = Atomic<Int>(0)
  private let step = Atomic<Int>(-1)
  private let row = Atomic<Int>(-1)

  func begin(step: Int) {
    self.step.store(step, ordering: .relaxed)
    row.store(-1, ordering: .relaxed)
    set(.waiting)
  }

  func set(_ activity: Activity, row: Int? = nil) {
    if let row { self.row.store(row, ordering: .relaxed) }
    self.activity.store(activity.rawValue, ordering: .relaxed)
  }

  /// A look at it; its parts may be a moment apart.
  var state: FeedState.Lane {
    let activity = Activity(rawValue: activity.load(ordering: .relaxed)) ?? .starting
    return FeedState.Lane(
      activity: activity.text, step: step.load(ordering: .relaxed),
      row: row.load(ordering: .relaxed))
  }
}
