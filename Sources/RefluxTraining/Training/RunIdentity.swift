internal import RefluxBytes

/// What a run is: settings, the student at its start, tokens, and what its targets come from.
///
/// As text it is one line, the loss and then `name=value` pairs: that is what checkpoints keep. A
/// setting at its default may be left out, so that runs of before there was one stay the same.
struct RunIdentity: Equatable {
  private let facts: [(name: String, value: String)]

  init(text: String) {
    facts = text.split(separator: " ").map { word in
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

  static func == (a: RunIdentity, b: RunIdentity) -> Bool { a.text == b.text }

  private static let defaults = [
    "accumulation": "1", "optimizer": "adamw", "bad": "stop", "spike": "0.0",
    "packing": "windows", "remainder": "dropped", "temperature": "1.0", "alpha": "1.0",
    "smoothing": "0.0", "cap": "0.0", "z": "0.0", "weight": "1.0",
    "beta1": "0.9", "beta2": "0.95", "epsilon": "1e-08", "momentum": "0.95", "iterations": "5",
    "least": "1e-07", "scale": "0.2",
  ]

  /// Names that are not words.
  private static let words = [
    "rate": "learning rate", "warmup": "warm-up steps", "floor": "floor share",
    "decay": "weight decay", "clip": "clip norm", "decaySteps": "decay steps",
    "bad": "bad steps", "spike": "spike factor", "alphaEnd": "alpha at the end",
    "smoothing": "label smoothing", "cap": "softcap", "z": "z-loss", "products": "precision",
    "student": "weights at the start", "weight": "token weight", "plan": "shares of the stores",
    "from": "checkpoint at the start", "momentum": "momentum of Muon",
    "iterations": "iterations of Muon", "least": "epsilon of Muon", "scale": "scale of Muon",
  ]
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

  /// Whether a run that is this one so far may go on as another: only the rates to come differ.
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
