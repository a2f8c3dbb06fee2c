/// What a capture came to.
public struct CaptureReport: Sendable {
  /// Sample sets in the file, those of earlier runs included.
  public var records: Int
  /// Records that an earlier, interrupted run had already written.
  public var resumedRecords: Int
  /// Of the sealed file; nil when interrupted.
  public var uniqueIDsPerRecord: Double?
  /// Of the sealed file, everything counted; nil when interrupted.
  public var bytesPerRecord: Double?
  /// Of this run.
  public var tokensPerSecond: Double
  /// Whether every token has its sample set; otherwise the file is unsealed.
  public var finished: Bool
  /// Where the time of this run went.
  public var times: CaptureTimes
}

/// Seconds of a capture; what the workers do side by side is divided by their number.
public struct CaptureTimes: Sendable, Equatable {
  /// Making logits: the teacher's layers and head, or reading a file.
  public var forward = 0.0
  /// Drawing sets from the logits.
  public var sampling = 0.0
  /// Appending sets to the store, packing and compressing included: while the workers compute.
  public var storing = 0.0
  /// The part of it that the workers had to wait for.
  public var waiting = 0.0

  /// Nothing yet.
  public init() {}

  init(forward: Double = 0, sampling: Double, storing: Double = 0, waiting: Double = 0) {
    self.forward = forward
    self.sampling = sampling
    self.storing = storing
    self.waiting = waiting
  }

  /// Adds what another run took.
  public static func += (sum: inout CaptureTimes, other: CaptureTimes) {
    sum.forward += other.forward
    sum.sampling += other.sampling
    sum.storing += other.storing
    sum.waiting += other.waiting
  }
}

/// What a few windows say about a whole capture.
public struct CaptureTrial: Sendable, Equatable {
  /// Positions of the whole capture.
  public var records: Int
  /// Positions that were measured, after some for warming up.
  public var measured: Int
  /// Ids per set of those.
  public var uniqueIDsPerRecord: Double
  /// Positions per second of those, storing left out.
  public var tokensPerSecond: Double
}

/// One of the equal parts that several processes capture.
public struct CapturePart: Sendable, Equatable {
  /// Which one, from 0.
  public var index: Int
  /// How many there are.
  public var count: Int

  /// Takes the numbers as they are; ``Capture`` checks them.
  public init(_ index: Int, of count: Int) {
    self.index = index
    self.count = count
  }
}
