internal import RefluxBytes
internal import RefluxKernels
internal import RefluxLosses
internal import RefluxPipeline
internal import RefluxTargets

/// What a run is: settings, the student at its start, tokens, and what its targets come from.
///
/// As text it is one line, the loss and then `name=value` pairs: that is what checkpoints keep. A
/// setting at its default may be left out, so that runs of before there was one stay the same.
struct RunIdentity: Equatable {
  private let facts: [(name: String, value: String)]

  init(text: String) {
    let words = text.split(separator: " ")
    // The options of the loss stand between its name and the batch.
    let end = words.firstIndex { $0.hasPrefix("batch=") } ?? min(1, words.count)
    let loss = words[..<end].joined(separator: " ")
    facts =
      (loss.isEmpty ? [] : [("loss", loss)])
      + words[end...].map { word in
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : ("loss", parts.first ?? "")
      }
  }

  var text: String {
    facts.map { $0.name == "loss" ? $0.value : "\($0.name)=\($0.value)" }.joined(separator: " ")
  }

  /// The values of a name, of which several stores have several; the default where there is none.
  subscript(name: String) -> String {
    let values = facts.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? Self.defaults[name] ?? "none" : values.joined(separator: ",")
  }

  /// What differs, in words: `steps 200, here 220`.
  func differences(from other: RunIdentity) -> [String] {
    differingNames(from: other).map { name in
      "\(foreign: Self.words[name] ?? name) \(foreign: self[name]), here \(other[name])"
    }
  }

  func differingNames(from other: RunIdentity) -> [String] {
    var names: [String] = []
    for name in (facts + other.facts).map(\.name)
    where !names.contains(name) && self[name] != other[name] { names.append(name) }
    // Random weights follow from the seed, and the number that names weights from their format.
    let isNamed = names.contains("seed") || names.contains("products")
    return isNamed ? names.filter { $0 != "student" } : names
  }

  /// Whether its moments are those of two heads.
  var hasSecondHead: Bool {
    self["loss"].split(separator: " ").first.map(String.init) == ObjectiveName.dhkd.rawValue
  }

  static func == (a: RunIdentity, b: RunIdentity) -> Bool { a.text == b.text }

  /// What a name stands for where it is left out.
  private static let defaults: [String: String] = {
    let parts = IdentityPart.groups.flatMap(\.parts)
    let known = parts.compactMap { part in part.standard.map { (part.name, $0) } }
    return Dictionary(uniqueKeysWithValues: known + [("weight", "1.0")])
  }()

  /// Names that are not words.
  private static let words: [String: String] = {
    let parts = IdentityPart.groups.flatMap(\.parts).map { ($0.name, $0.words) }
    let others = [
      ("products", "precision"), ("student", "weights at the start"), ("weight", "token weight"),
      ("weights", "weights of the tokens"), ("scalars", "numbers beside the sets"),
      ("table", "table of similarities"),
      ("plan", "shares of the stores"), ("from", "checkpoint at the start"),
    ]
    return Dictionary(uniqueKeysWithValues: parts + others)
  }()
}

/// A setting in the line of a run's identity.
struct IdentityPart: Sendable {
  /// What the line calls it.
  let name: String
  /// What people call it.
  let words: String
  /// Its value in the line; nil where there is none.
  let value: @Sendable (TrainingConfiguration) -> String?
  /// The default's.
  let standard: String?

  private static func part<Value>(
    _ name: String, _ path: any KeyPath<TrainingConfiguration, Value> & Sendable,
    _ words: String? = nil
  ) -> IdentityPart {
    IdentityPart(name, words) { text($0[keyPath: path]) }
  }

  private static func option<Value>(
    _ name: String, _ path: any KeyPath<TrainingConfiguration, Value?> & Sendable,
    _ words: String? = nil
  ) -> IdentityPart {
    IdentityPart(name, words) { $0[keyPath: path].map(text) }
  }

  private init(
    _ name: String, _ words: String?,
    value: @escaping @Sendable (TrainingConfiguration) -> String?
  ) {
    self.name = name
    self.words = words ?? name
    self.value = value
    standard = value(TrainingConfiguration(objective: ObjectiveChoice(.ce), steps: 1))
  }

  /// `best-fit`, not the name of its case.
  private static func text<Value>(_ value: Value) -> String {
    (value as? any RawRepresentable).map { "\($0.rawValue)" } ?? "\(value)"
  }

  /// Parts of which all are said where one is not at its default, or always: files of before a part
  /// was there must stay those of the same run.
  struct Group: Sendable {
    var isAlwaysSaid = false
    var parts: [IdentityPart]
  }

  /// In the order of the line, after the loss. A new part goes to the end, in a group of its own.
  static let groups: [Group] = [
    Group(
      isAlwaysSaid: true,
      parts: [
        .part("batch", \.feed.batch), .part("window", \.feed.window),
        .part("steps", \.steps), .part("rate", \.peakRate, "learning rate"),
        .part("warmup", \.warmupSteps, "warm-up steps"),
        .part("floor", \.floorShare, "floor share"),
        .part("decay", \.weightDecay, "weight decay"), .part("clip", \.clipNorm, "clip norm"),
        .part("seed", \.feed.seed), .part("order", \.feed.order),
      ]),
    Group(parts: [.part("accumulation", \.accumulation)]),
    Group(parts: [.part("optimizer", \.optimizer)]),
    Group(parts: [.option("decaySteps", \.decaySteps, "decay steps")]),
    Group(
      parts: [
        .part("bad", \.badSteps, "bad steps"), .part("spike", \.spikeFactor, "spike factor"),
      ]),
    Group(parts: [.part("packing", \.feed.packing)]),
    Group(parts: [.part("remainder", \.feed.remainder)]),
    Group(parts: [.option("alphaEnd", \.finalDistillation, "alpha at the end")]),
    Group(
      parts: [
        .part("temperature", \.loss.temperature), .part("alpha", \.loss.distillation),
        .part("smoothing", \.loss.labelSmoothing, "label smoothing"),
        .part("cap", \.cap, "softcap"), .part("z", \.loss.zLoss, "z-loss"),
      ]),
    Group(parts: [.part("beta1", \.adam.beta1)]),
    Group(parts: [.part("beta2", \.adam.beta2)]),
    Group(parts: [.part("epsilon", \.adam.epsilon)]),
    Group(
      parts: [
        .part("momentum", \.usedMuon.momentum, "momentum of Muon"),
        .part("iterations", \.usedMuon.iterations, "iterations of Muon"),
        .part("least", \.usedMuon.epsilon, "epsilon of Muon"),
        .part("scale", \.usedMuon.scale, "scale of Muon"),
      ]),
    Group(parts: [.option("focus", \.focus)]),
  ]
}

extension TrainingConfiguration {
  fileprivate var cap: Double { loss.softcap ?? 0 }
  /// Muon's constants decide nothing without it.
  fileprivate var usedMuon: Muon { optimizer == .muon ? muon : Muon() }
}

extension RunIdentity {
  /// The schedule of the rates; nil where the line does not say it.
  var schedule: LearningRateSchedule? {
    guard let peak = Double(self["rate"]), let warmup = Int(self["warmup"]),
      let steps = Int(self["steps"]), let floor = Double(self["floor"])
    else { return nil }
    return LearningRateSchedule(
      peak: peak, warmupSteps: warmup, steps: steps, floorShare: floor,
      decaySteps: Int(self["decaySteps"]))
  }

  /// Whether a run that is this one so far may resume as another: only the rates to come differ.
  ///
  /// - Parameter step: steps done.
  func mayGoOn(as other: RunIdentity, atStep step: Int) -> Bool {
    let names = Set(differingNames(from: other))
    if names.isEmpty { return true }
    // The share of the target would have moved otherwise, too.
    guard names.isSubset(of: ["steps", "rate", "warmup", "floor", "decaySteps"]),
      self["alphaEnd"] == "none", let past = schedule, let next = other.schedule,
      step <= next.steps
    else { return false }
    return (0..<step).allSatisfy { Float(past.rate(at: $0)) == Float(next.rate(at: $0)) }
  }
}
