public import RefluxSampling
public import RefluxSettings
public import RefluxStorage
public import RefluxTargets

/// What `cache` can be told.
public struct CacheSettings: Settings {
  /// A model's folder.
  public var teacher: String?
  /// Logits made elsewhere, in place of a teacher.
  public var logits: String?
  /// Which tensor of the logits' file.
  public var tensor: String?
  /// The token store.
  public var tokens = ""
  /// Where the sample store goes.
  public var output = ""
  /// How sets are drawn.
  public var sampler = SamplerConfiguration()
  /// Tokens of a window.
  public var context: Int?
  /// How text is cut into windows.
  public var packing = Packing.windows
  /// Positions to capture, of a shard.
  public var range: RecordRange?
  /// One of several equal parts to capture.
  public var part: PartNumber?
  /// How sets are encoded.
  public var encoding = SampleEncoding.packed
  /// LZ4's level of plain blocks.
  public var level = 0
  /// How weights are stored.
  public var weights: SampleValues?
  /// Numbers to keep beside each set.
  public var record: CommaList<TargetScalar>?
  /// Exponent of the number `power`; 0.5 where none is given.
  public var gamma: Double?
  /// Notes for the store's header.
  public var notes: [Note] = []
  /// Number format and threads.
  public var compute = ComputeSettings()

  /// All defaults; the source, tokens and output are to be named.
  public init() {}

  /// The verb of the command.
  public static let verb = "cache"

  /// The table.
  public static let groups: [SettingGroup<CacheSettings>] = [
    SettingGroup("", inputs), SettingGroup("Sets", sets), SettingGroup("Store", store),
    SettingGroup("Machine", ComputeSettings.rows.map { $0.of(\.compute) }),
  ]

  private static let inputs: [Setting<CacheSettings>] = [
    .path("teacher", \.teacher, "Folder of the teacher.").instead(of: "logits", "tensor")
      .named("model").identity,
    .path("tokens", \.tokens, "Token store to run over.").named("store").identity,
    .path("output", \.output, "Where the sample store goes.").named("store"),
    .path("logits", \.logits, "Logits made elsewhere, .npy or safetensors, in place of a teacher.")
      .instead(of: "teacher").named("file").identity,
    Setting("tensor", \.tensor, "Tensor of 'logits'.")
      .standard("logits or logprobs, whichever there is").named("name").identity,
    Setting("context", \.context, in: .atLeast(1), "Tokens of a window.")
      .standard("256 or the teacher's positions if fewer").named("tokens").identity,
    Setting("packing", \.packing, "How text is cut into windows; as students do.").identity,
  ]

  private static let sets: [Setting<CacheSettings>] = [
    Setting("estimator", \.sampler.estimator, "How to draw.").identity,
    Setting(
      "rounds", \.sampler.rounds, in: .within(SamplerConfiguration.roundsRange),
      "Draws per position; for topk the number of ids."
    ).named("draws").identity,
    Setting(
      "tau", \.sampler.tau, in: .within(SamplerConfiguration.tauRange),
      "Exponent of the proposal: ids are drawn in proportion to p^tau."
    ).named("exponent").identity,
    Setting(
      "uncorrected", \.sampler.isUncorrected,
      "Keep the counts of draws from p^tau as they are: a target of p^tau, for ttm and wttm."
    ).identity,
    Setting(
      "temperature", \.sampler.temperature,
      in: .within(SamplerConfiguration.temperatureRange),
      "Temperature T of the teacher: p is the softmax of its logits / T."
    ).identity,
    Setting("seed", \.sampler.seed, "Seed of the draws.").identity,
    Setting("range", \.range, "Positions to capture, A..<B, for a shard.").standard("all")
      .instead(of: "part").named("A..<B").identity,
    Setting("part", \.part, "Part to capture: K of N, K from 0.").standard("all")
      .instead(of: "range").named("k/n").identity,
  ]

  private static let store: [Setting<CacheSettings>] = [
    Setting("encoding", \.encoding, "How sets are encoded.").identity,
    Setting(
      "level", \.level, in: .within(0...12),
      "LZ4's level of plain blocks: 0 fast, 1 to 12 slower and smaller."
    ).identity,
    Setting("weights", \.weights, "How weights of topk are stored.").standard("float32")
      .named("format").identity,
    Setting(
      "record", \.record,
      "Numbers to keep beside each set: any of mass, logsum, entropy, label, power, with commas."
    ).named("names").identity,
    Setting(
      "gamma", \.gamma, in: .within(StoreProvenance.gammaRange),
      "Exponent of the number power, the sum of p^gamma over the vocabulary."
    ).standard("0.5").named("exponent").identity,
    Setting(
      "note", \.notes,
      "A note for the store's header: key of a-z, 0-9, '-' and '.'; may be repeated."
    ).named("key=value").identity,
  ]

  /// Checks the settings beside each other.
  ///
  /// - Throws: `combination`.
  public func check() throws(SettingError) {
    if (teacher == nil) == (logits == nil) {
      throw .combination("one of 'teacher' and 'logits' is needed")
    }
    if logits != nil, context == nil {
      throw .combination("'logits' needs 'context', the window that the file was made with")
    }
    if tensor != nil, logits == nil { throw .combination("'tensor' goes with 'logits'") }
    if part != nil, range != nil { throw .combination("'part' and 'range' exclude each other") }
    if level > 0 && encoding == .packed {
      throw .combination("'level' goes with the encoding plain; packed blocks do not use it")
    }
    if weights != nil && sampler.estimator != .topk {
      throw .combination("'weights' goes with the estimator topk; drawn sets have counts")
    }
    if sampler.seed != 0 && sampler.estimator == .topk {
      throw .combination("'seed' goes with drawn sets; the estimator topk draws nothing")
    }
    if sampler.isUncorrected && (sampler.estimator == .topk || sampler.tau == 1) {
      throw .combination(
        "'uncorrected' goes with drawn sets at another 'tau' than 1; at 1 counts are exact")
    }
    if weights == .counts {
      throw .combination("'weights' is counts, expected float32, float16 or logarithm8")
    }
    if gamma != nil, record?.elements.contains(.power) != true {
      throw .combination("'gamma' goes with 'record' power")
    }
    try checkNotes()
    do { try sampler.validate() } catch { throw .combination("\(error)") }
  }

  private func checkNotes() throws(SettingError) {
    let keys = notes.map(\.key)
    for (index, key) in keys.enumerated() where keys[..<index].contains(key) {
      throw .combination("the 'note' \(key) is there twice")
    }
    let own = ["estimator", "packing", "software", "teacher"] + ["gamma", "target", "temperature"]
    let ofFile = ["logits", "logits-kind", "logits-sum", "logits-tensor", "logits-type"]
    for key in own + ofFile where keys.contains(key) {
      throw .combination("the 'note' \(key) is a key of the store's own; choose another")
    }
  }
}
