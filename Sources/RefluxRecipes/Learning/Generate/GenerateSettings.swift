public import RefluxEvaluation
public import RefluxSettings

/// What `generate` can be told.
public struct GenerateSettings: Settings {
  /// A model's folder.
  public var model = ""
  /// The text to continue.
  public var prompt = ""
  /// At most so many tokens.
  public var count = 100
  /// 0 takes the most likely token.
  public var temperature = 0.8
  /// From so many most likely tokens only.
  public var topK = 0
  /// From the fewest tokens that reach this sum.
  public var topP = 1.0
  /// From tokens at least this share as likely as the likeliest.
  public var minP = 0.0
  /// A smaller model that drafts.
  public var draft: String?
  /// Tokens of a draft.
  public var draftLength = 4
  /// Seed of the draws.
  public var seed: UInt64 = 0
  /// What goes before a text.
  public var bos = "auto"
  /// Whether special tokens in the prompt are read as such.
  public var parseSpecial = false
  /// Number format and threads.
  public var compute = ComputeSettings()

  /// All defaults; model and prompt are to be named.
  public init() {}

  /// How tokens are drawn.
  public var rule: DrawingRule {
    DrawingRule(temperature: temperature, topK: topK, topP: topP, minP: minP)
  }

  public static let verb = "generate"

  public static let groups: [SettingGroup<GenerateSettings>] = [
    SettingGroup("", text), SettingGroup("Drawing", drawing),
    SettingGroup("Machine", ComputeSettings.rows.map { $0.of(\.compute) }),
  ]

  private static let text: [Setting<GenerateSettings>] = [
    .path("model", \.model, "Folder of the model."),
    Setting("prompt", \.prompt, "The text to continue.").named("text").required,
    Setting("count", \.count, in: .atLeast(1), "At most so many tokens.").named("tokens"),
    Setting(
      "bos", \.bos,
      "What goes before a text: a token or its id, 'none', or 'auto' for what the tokenizer's"
        + " post_processor puts there."
    ).named("token"),
    Setting(
      "parse_special", \.parseSpecial,
      "Read special tokens such as <|im_end|> in a text as such; they are ordinary text else."),
  ]

  private static let drawing: [Setting<GenerateSettings>] = [
    Setting(
      "temperature", \.temperature, in: .atLeast(0),
      "0 takes the most likely token; 1 draws from the model's distribution."),
    Setting(
      "top_k", \.topK, in: .atLeast(0), "Draw from this many most likely tokens only; 0 for all."
    ).named("tokens"),
    Setting(
      "top_p", \.topP, in: .above(0, to: 1),
      "Draw from the fewest most likely tokens whose probabilities reach this sum; 1 for all."
    ).named("0 to 1"),
    Setting(
      "min_p", \.minP, in: .within(0...1),
      "Draw from tokens at least this share as likely as the likeliest; 0 for all."
    ).named("0 to 1"),
    .path("draft", \.draft, "Folder of a smaller model that drafts for the model to judge.")
      .named("model"),
    Setting(
      "draft_length", \.draftLength, in: .within(1...64),
      "Tokens that the draft proposes at a time."
    ).named("tokens"),
    Setting("seed", \.seed, "Seed of the draws."),
  ]
}
