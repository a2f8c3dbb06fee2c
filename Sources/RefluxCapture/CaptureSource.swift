internal import RefluxStorage

/// Where the distributions of a capture come from.
protocol CaptureSource: AnyObject {
  /// The most ids of a set.
  var capacity: Int { get }
  /// Whether sets carry weights instead of counts.
  var isWeighted: Bool { get }
  /// What keeps a capture from going on with another source of the same name.
  var hash: UInt64 { get }
  /// What is to be said of the source in the store's header.
  var notes: [String: String] { get }
  /// Seconds so far; those of the workers divided by their number.
  var times: CaptureTimes { get }

  /// Draws the sets of the records that a group wants.
  func fill(_ sets: CaptureSets, _ group: CaptureGroup) throws(CaptureError)
}
