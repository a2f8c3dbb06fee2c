public import RefluxSampling

/// How a teacher's distributions are turned into sample sets.
public struct CaptureConfiguration: Sendable {
  /// How ids are drawn from the distribution of one position.
  public var sampler: SamplerConfiguration
  /// Tokens of a window: windows do not overlap, so position i sees the i mod `context` tokens
  /// before it. Students must train with the same window.
  public var context: Int
  /// Windows at a time.
  public var batch: Int
  /// Name of the teacher, for the provenance; a hash of its weights is added there.
  public var teacher: String

  /// Takes the values as they are; ``Capture`` checks them.
  public init(sampler: SamplerConfiguration, context: Int, batch: Int = 16, teacher: String) {
    self.sampler = sampler
    self.context = context
    self.batch = batch
    self.teacher = teacher
  }
}

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
}
