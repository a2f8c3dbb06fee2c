import Foundation
import RefluxCapture
import RefluxJSON
import RefluxModel
import RefluxPipeline
import RefluxRecipes
import RefluxReport
import RefluxSettings
import RefluxStorage
import RefluxTraining
import TestSupport
import Testing

/// Damaged settings, lists and logs: each is read or refused, and what is read can be used.
@Suite(.serialized) struct SettingsFuzzTests {
  private let folder = TemporaryFolder(isSmall: true)
  private static let runs = StoreFuzzTests.runs
  private static let seed = StoreFuzzTests.seed

  /// Half of the damage leaves JSON, half leaves the bytes of it in any state.
  private func forEachDamage(
    of texts: [String], seed: UInt64, runs: Int = runs, _ body: ([UInt8]) throws -> Void
  ) throws {
    var random = TestRandom(seed: Self.seed &+ seed)
    let values = try texts.map { try JSONValue(parsing: Array($0.utf8)) }
    for run in 0..<runs {
      let pick = Int.random(in: 0..<texts.count, using: &random)
      let isJSON = run % 4 > 0
      let changed = isJSON ? JSONMutation.values(values[pick], using: &random).encoded() : []
      try body(isJSON ? changed : JSONMutation.bytes(Array(texts[pick].utf8), using: &random))
    }
  }

  // MARK: config.json

  private static let configurations = [
    """
    {"model_type": "llama", "vocab_size": 257, "hidden_size": 16, "intermediate_size": 32,
     "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
     "max_position_embeddings": 16, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
     "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
       "high_freq_factor": 4.0, "original_max_position_embeddings": 8192},
     "eos_token_id": [1, 2], "bos_token_id": 0, "tie_word_embeddings": true}
    """,
    """
    {"model_type": "gpt2", "vocab_size": 257, "n_embd": 16, "n_inner": null, "n_layer": 2,
     "n_head": 2, "n_positions": 32, "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new"}
    """,
    """
    {"model_type": "qwen2", "vocab_size": 257, "hidden_size": 16, "intermediate_size": 32,
     "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
     "max_position_embeddings": 16, "use_sliding_window": true, "sliding_window": 8,
     "max_window_layers": 1, "layer_types": ["full_attention", "sliding_attention"],
     "rope_scaling": {"type": "yarn", "factor": 4.0, "mscale": 1.0, "mscale_all_dim": 1.0,
       "original_max_position_embeddings": 32}}
    """,
    """
    {"model_type": "gemma2", "vocab_size": 257, "hidden_size": 16, "intermediate_size": 32,
     "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
     "max_position_embeddings": 16, "query_pre_attn_scalar": 8, "sliding_window": 4,
     "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}
    """,
  ]

  @Test func modelConfigurations() throws {
    var read = 0
    try forEachDamage(of: Self.configurations, seed: 41) { bytes in
      guard let sizes = try? DecoderConfiguration(json: Data(bytes)) else { return }
      read += 1
      #expect(sizes.parameterCount > 0)
      #expect(throws: Never.self) { try DecoderConfiguration(json: sizes.json()) }
    }
    #expect(read > 0)
  }

  // MARK: Run files

  @Test func runFiles() throws {
    try damageRunFiles(TrainSettings.self) { settings in
      var configuration = settings.configuration(
        window: settings.window ?? 256, steps: settings.steps ?? 1 << 32)
      settings.data.apply(to: &configuration.feed, stored: nil)
      #expect(throws: Never.self) { try settings.check() }
      if (try? configuration.validate()) != nil {
        #expect(configuration.steps * configuration.batch > 0)
      }
    }
    try damageRunFiles(CacheSettings.self) { #expect($0.level >= 0) }
    try damageRunFiles(EvaluateSettings.self) { #expect($0.gradientBatches > 0) }
    try damageRunFiles(GenerateSettings.self) { #expect($0.temperature >= 0) }
    try damageRunFiles(PlanSettings.self) { settings in
      var feed = FeedConfiguration(batch: settings.feed.batch, window: 8)
      settings.feed.data.apply(to: &feed, stored: nil)
      #expect(feed.batch > 0)
    }
    try damageRunFiles(QuickstartSettings.self) { #expect(!$0.folder.isEmpty || $0.output == "") }
  }

  /// What is read is written and read again as the same; all paths can be changed.
  private func damageRunFiles<Root: Settings>(
    _ type: Root.Type, _ use: (Root) throws -> Void
  ) throws {
    func read(_ bytes: [UInt8]) throws -> Root {
      var reader = SettingReader<Root>()
      try reader.read(RunFile<Root>(JSONValue(parsing: bytes)).object)
      return try reader.finish()
    }
    let words: [String: JSONValue] = [
      "student": .string("s"), "model": .string("m"), "prompt": .string("p"),
      "output": .string("o"), "tokens": .string("t"), "teacher": .string("e"),
      "loss": .string("ce"), "steps": .integer(5), "skip": .array([.string("1..<2")]),
      "record": .array([.string("mass")]), "note": .array([.string("a=b")]),
      "part": .string("0/2"), "samples": .string("n"),
    ]
    var object = RunFile(Root(), software: "test").object
    for index in object.members.indices {
      object.members[index].value = words[object.members[index].key] ?? object.members[index].value
    }
    let text = String(decoding: JSONValue.object(object).encoded(), as: UTF8.self)
    _ = try read(Array(text.utf8))
    try forEachDamage(of: [text], seed: 40) { bytes in
      guard let settings = try? read(bytes) else { return }
      try use(settings)
      let again = try read(RunFile(settings, software: "test").bytes)
      #expect(again.json == settings.json)
      #expect(settings.rebased { $0 }.json == settings.json)
    }
  }

  // MARK: Mixes and positions

  @Test func mixes() throws {
    let mix = """
      {"sources": [{"tokens": "a.rfx", "samples": "b.rfx", "epochs": 1.5, "token_weight": 2},
                   {"tokens": "c.rfx", "epochs": 2, "alpha": 0.5}],
       "phases": [{"from_token": 0, "weights": [0.7, 0.3]},
                  {"from_token": 1000, "weights": [1, 2]}]}
      """
    let other = mix.replacing("\"epochs\"", with: "\"weight\"")
    let shapes = [1 << 20, 1 << 61].map { SourceShape(name: "s", tokenCount: $0) }
    try forEachDamage(of: [mix, other], seed: 42) { bytes in
      guard let object = try? JSONValue(parsing: bytes).objectValue,
        let mix = try? FeedMix(json: object), mix.sources.count == 2
      else { return }
      let epochs = mix.sources.map { $0.epochs ?? 1 }
      let weights = FeedMix.weights(epochs: epochs, windows: [1 << 18, 1 << 59])
      var configuration = FeedConfiguration(batch: 8, window: 4)
      configuration.phases = mix.phases.compactMap { phase in
        (try? FeedMix.whole(phase.weights, stores: 2)).map {
          BlendPhase(firstWindow: phase.fromToken / 4, weights: $0)
        }
      }
      guard let plan = try? FeedPlan(shapes, weights: weights, configuration: configuration)
      else { return }
      #expect(plan.steps(epochs: epochs) >= 0)
      var (cursor, rows) = (plan.makeCursor(), [PlanRow](repeating: PlanRow(), count: 8))
      for step in [0, 1, 1 << 40] { plan.fill(step: step, rows: &rows, &cursor) }
    }
  }

  @Test func positions() throws {
    var configuration = FeedConfiguration(batch: 8, window: 4)
    for remainder in FeedConfiguration.Remainder.allCases {
      configuration.remainder = remainder
      configuration.position = nil
      let plan = try FeedPlan(tokenCount: 1 << 20, configuration: configuration)
      let text = String(
        decoding: JSONValue.object(plan.position(atStep: 70_000).json).encoded(), as: UTF8.self)
      try forEachDamage(of: [text], seed: 43, runs: Self.runs / 2) { bytes in
        configuration.position = (try? JSONValue(parsing: bytes).objectValue)
          .flatMap { FeedPosition(json: $0) }
        guard let plan = try? FeedPlan(tokenCount: 1 << 20, configuration: configuration)
        else { return }
        let first = configuration.startStep
        var (cursor, rows) = (plan.makeCursor(), [PlanRow](repeating: PlanRow(), count: 8))
        for step in [first, first + 1, first + 1 << 30] {
          plan.fill(step: step, rows: &rows, &cursor)
          #expect(rows.allSatisfy { (0..<plan.windowCount).contains($0.window) })
        }
      }
    }
  }

  // MARK: Logs

  private static let row = """
    {"step":4,"tokens":4096,"loss":5.25,"learning_rate":0.001,"gradient_norm":0.5,\
    "tokens_per_second":120000,"data_wait_percent":0.1,"seconds":2.5,"held_out_loss":5.5,\
    "held_out_ece_percent":1.5,"held_out_calibration":\
    [{"count":10,"confidence":0.25,"accuracy":0.3},{"count":90,"confidence":0.75,"accuracy":0.7}]}
    """

  /// Charts have to draw whatever a log says.
  @Test func rowsOfRuns() throws {
    let path = folder.file("metrics.jsonl")
    var pages = 0
    try forEachDamage(of: [Self.row], seed: 44, runs: Self.runs / 8) { bytes in
      let lines = Array((Self.row + "\n").utf8) + bytes + [0x0A]
      try folder.write(lines, to: "metrics.jsonl")
      guard let run = try? RunMetrics(path: path) else { return }
      pages += 1
      #expect(RunComparison.report([run]).html().contains("</html>"))
    }
    #expect(pages > 0)
  }

  /// What an earlier run left is gone on with or begun anew.
  @Test func logsOfEarlierRuns() throws {
    let events = RunLog.eventsName
    let stored = StoredRun.folder + "/events.tfevents"
    let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: stored)))
    var random = TestRandom(seed: Self.seed &+ 45)
    for _ in 0..<Self.runs / 8 {
      let row = JSONMutation.bytes(Array((Self.row + "\n").utf8), using: &random)
      try folder.write(row, to: RunLog.metricsName)
      try folder.write(StoreMutation.mutate(good, using: &random), to: events)
      let log = try RunLog(
        folder: folder.path, eventFolder: folder.path, step: Int.random(in: 0...20, using: &random))
      #expect(!log.secondsBefore.isNaN)
    }
  }

  // MARK: Manifests

  @Test func manifests() throws {
    var names: [String] = []
    for first in [0, 3] {
      names.append("\(first).rfx")
      var configuration = TokenStoreConfiguration(
        vocabularySize: 300, provenance: StoreProvenance())
      configuration.firstPosition = first
      let writer = try TokenStoreWriter(
        path: folder.file(names[names.count - 1]), configuration: configuration)
      try writer.append(document: [1, 2, 3])
      _ = try writer.seal()
    }
    _ = try StoreManifest.write(folder: folder.path, names: names)
    let path = folder.file(StoreManifest.fileName)
    let good = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    try forEachDamage(of: [good], seed: 46, runs: Self.runs / 4) { bytes in
      try folder.write(bytes, to: StoreManifest.fileName)
      if let store = try? TokenStore(path: folder.path) { #expect(store.count == 6) }
      _ = try? StoreInspection(path: folder.path)
      _ = try? StoreVerification.verify(path: folder.path)
    }
  }

  // MARK: Logits made elsewhere

  @Test func logits() throws {
    let header = """
      {"ids":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]},\
      "logits":{"dtype":"F32","shape":[2,2],"data_offsets":[16,32]},\
      "logsumexp":{"dtype":"F32","shape":[2],"data_offsets":[32,40]}}
      """
    try forEachDamage(of: [header], seed: 47, runs: Self.runs / 4) { bytes in
      let length = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) }
      let path = try folder.write(
        length + bytes + [UInt8](repeating: 0, count: 40), to: "l.safetensors")
      guard let file = try? LogitsFile(path: path) else { return }
      #expect(file.rows > 0 && file.columns > 0 && file.rows * file.columns <= 40)
    }
  }
}
