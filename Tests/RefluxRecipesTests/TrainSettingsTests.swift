import RefluxJSON
import RefluxLosses
import RefluxRecipes
import RefluxSettings
import RefluxTargets
import Testing

@testable import RefluxTraining

/// The table of `train` against what a run is.
struct TrainSettingsTests {
  /// Another value for each setting that is in the configuration of a run.
  private static let others: [String: JSONValue] = [
    "loss": "fullkd", "steps": 70, "batch": 3, "accumulate": 2, "window": 64, "order": "local",
    "packing": "documents", "remainder": "carried", "data_seed": 9, "seed": 9, "alpha": 0.5,
    "alpha_end": 0.25, "temperature": 2, "label_smoothing": 0.1, "z_loss": 0.1,
    "focus": "student-entropy:0.5",
    "optimizer": "adamw", "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-6, "muon_momentum": 0.9,
    "muon_iterations": 4, "muon_epsilon": 1e-6, "muon_scale": 0.1, "bad_steps": "skip",
    "spike_factor": 2, "learning_rate": 0.01, "warmup_steps": 3, "floor_share": 0.2,
    "decay_steps": 5, "weight_decay": 0.2, "clip_norm": 2, "checkpoint_steps": 7,
    "checkpoint_minutes": 2, "keep_checkpoints": 3, "recompute": true, "on_damage": "skip",
  ]
  /// Settings of files, logs and machine, which are no part of the configuration.
  private static let outside: Set = [
    "student", "output", "teacher", "tokenizer", "epochs", "tokens", "samples", "weights", "mix",
    "skip",
    "allow_other_windows", "from_checkpoint", "weight_format", "held_out", "evaluate_every",
    "evaluate_tokens", "tensorboard", "log_steps", "precision", "threads",
  ]

  private func configuration(_ settings: [String: JSONValue]) throws -> TrainingConfiguration {
    var reader = SettingReader<TrainSettings>()
    let base: [String: JSONValue] = [
      "student": "s", "output": "o", "tokens": "t", "samples": "m", "loss": "rskd", "steps": 60,
      "optimizer": "muon", "teacher": "m", "alpha": 0.9,
    ]
    let all = base.merging(settings) { $1 }
    try reader.read(JSONObject(all.map { .init($0.key, $0.value) }))
    let read = try reader.finish()
    var result = read.configuration(window: read.window ?? 128, steps: read.steps ?? 60)
    read.data.apply(to: &result.feed, stored: nil)
    return result
  }

  /// A setting is of the identity exactly where another value makes another run.
  @Test func identityIsWhatTheTableSays() throws {
    let keys = Set(TrainSettings.table.map(\.key))
    #expect(keys == Set(Self.others.keys).union(Self.outside))
    let base = try configuration(["loss": "fullkd"]).identity
    for (key, value) in Self.others {
      let own: [String: JSONValue] =
        key == "loss" ? ["loss": "rskd"] : ["loss": "fullkd", key: value]
      let isOther = try configuration(own).identity != base
      let setting = try #require(TrainSettings.table.first { $0.key == key })
      #expect(isOther == setting.isOfIdentity, "\(key)")
    }
  }

  /// Bounds of the table are those of the run: what the one takes, the other does too.
  @Test(arguments: [
    ("batch", 65_537), ("accumulate", 0), ("window", 0), ("alpha", 1.5), ("alpha_end", -1),
    ("temperature", 0), ("label_smoothing", 1), ("z_loss", -1), ("beta1", 1), ("beta2", -0.1),
    ("epsilon", 0), ("muon_momentum", 1), ("muon_iterations", 0), ("muon_epsilon", 0),
    ("muon_scale", 0), ("spike_factor", -1), ("learning_rate", 101), ("floor_share", 2),
    ("weight_decay", 11), ("clip_norm", -1), ("checkpoint_minutes", -1), ("keep_checkpoints", 0),
  ])
  func boundsAreThoseOfTheRun(key: String, value: Double) throws {
    let json = Int(exactly: value).map { JSONValue.integer($0) } ?? .number(value)
    let error = #expect(throws: SettingError.self) { try configuration([key: json]) }
    guard case .value(key, _, _)? = error else {
      Issue.record("\(key): \(String(describing: error))")
      return
    }
  }

  @Test func defaultsAreThoseOfBefore() throws {
    let configuration = try configuration(["optimizer": "adamw", "alpha": 1])
    let expected = TrainingConfiguration(
      objective: ObjectiveChoice(.rskd), window: 128, steps: 60, warmupSteps: 12,
      checkpointSteps: 100)
    #expect(configuration == expected)
    #expect(
      configuration.identity == """
        rskd batch=16 window=128 steps=60 rate=0.003 warmup=12 floor=0.1 decay=0.1 clip=1.0 \
        seed=0 order=shuffled
        """)
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(floatLiteral value: Double) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
}
