internal import RefluxPipeline
public import RefluxSampling
public import RefluxStorage
public import RefluxTargets

/// How a teacher's distributions are turned into sample sets.
public struct CaptureConfiguration: Sendable {
  /// How ids are drawn from the distribution of one position.
  public var sampler: SamplerConfiguration
  /// Tokens of a window: windows do not overlap, so position i sees the i mod `context` tokens
  /// before it. Students must train with the same window.
  public var context: Int
  /// Windows at a time.
  public var batch: Int
  /// Name of the teacher, for the provenance, where a hash of its weights stands beside it.
  public var teacher: String
  /// The positions to capture, for a shard of the store; nil for all. Shards that are captured
  /// apart are the same sets as one capture of all.
  public var range: Range<Int>?
  /// The part to capture, in place of a range; nil for all.
  public var part: CapturePart?
  /// How the teacher's windows are cut; students must train with the same. With `bestFit` documents
  /// of up to a window stand whole and alone, in windows of another order than the students': a
  /// piece sees the same tokens in both.
  public var packing = Packing.windows
  /// How the sets are encoded; packed blocks take the frequencies of the tokens for a dictionary.
  public var encoding = SampleEncoding.packed
  /// 0 for LZ4's fast mode, 1 to 12 for its slower ones.
  public var level = 0
  /// How weights are stored where the estimator gives weights.
  public var weights = SampleValues.float32
  /// Numbers of the teacher's whole distribution to keep beside each set.
  public var extras: [TargetScalar] = []
  /// The exponent of the scalar `power`.
  public var gamma = 0.5
  /// What captures, for the provenance.
  public var software = ""
  /// When, in seconds since 1970, for the provenance; 0 for unknown.
  public var created = 0
  /// Anything else for the provenance.
  public var notes: [String: String] = [:]

  /// Takes the values as they are; ``Capture`` checks them.
  public init(sampler: SamplerConfiguration, context: Int, batch: Int = 16, teacher: String) {
    self.sampler = sampler
    self.context = context
    self.batch = batch
    self.teacher = teacher
  }
}
