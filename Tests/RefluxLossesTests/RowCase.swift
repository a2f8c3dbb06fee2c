import RefluxTargets

@testable import RefluxLosses

/// An objective of rows with a kind of target.
struct RowCase: CustomStringConvertible, Sendable {
  let words: String
  let kind: TargetKind

  var description: String { "\(words) from \(kind.rawValue)" }

  var choice: ObjectiveChoice {
    get throws { try ObjectiveSamples.choice(words) }
  }

  /// Objectives that are no sum over rows, or that no row of logits and targets says.
  static let withoutKernel: [ObjectiveName: String] = [
    .gld: "the rows of a window stand together",
    .sinkd: "the rows of a group stand together",
    .topkd: "the rows of a group stand together",
    .tad: "the tail is weighed by the mean over a window",
    .kdRel: "groups of classes, which a vocabulary has not",
    .llp: "scores of links, not a vocabulary",
  ]

  /// Every objective of rows with values of its options.
  static let options: [(name: ObjectiveName, options: [String])] = [
    (.ce, [""]), (.rskd, [""]), (.topk, [""]), (.ghost, [""]), (.smoothing, [""]), (.naive, [""]),
    (.fullkd, ["", "temperature=2"]), (.kdPT, [""]), (.kdTopK, ["", "k=3"]),
    (.lbf, ["", "form=code", "k=3", "form=code k=4"]),
    (.dkd, ["", "beta=kd", "beta=8 temperature=4", "cap=1.2", "alpha=0.4 beta=0.7"]),
    (.ttm, ["", "gamma=0.8"]), (.wttm, ["", "gamma=0.8"]), (.pld, ["", "steps=3", "tau=2"]),
    (.uld, ["", "tail=zero", "temperature=2"]),
    (.rkl, ["", "fkl=0.3", "fkl=1", "temperature=2"]),
    (.jsd, ["", "beta=0.9", "beta=0.1", "beta=0", "beta=1", "tail=drop", "temperature=2"]),
    (.skew, ["", "alpha=0", "alpha=0.6", "tail=drop"]),
    (.skewRKL, ["", "alpha=0.6", "tail=drop"]), (.tvd, ["", "tail=drop", "temperature=0.5"]),
    (
      .ab,
      [
        "", "tail=bucket", "a=0.5 b=0.5", "a=0 b=0.7 tail=bucket", "a=0.7 b=0 tail=bucket",
        "a=0.5 b=-0.5 tail=bucket", "a=0 b=0 tail=bucket", "a=0.3 b=0.4", "a=1 b=0", "a=0 b=1",
        "a=0.4 b=0.3 tail=drop", "a=0.6 b=0.9",
      ]
    ),
    (.akl, ["", "mu=0.3", "mu=0.02"]), (.todi, [""]),
    (.mix, ["", "threshold=1.4", "threshold=100", "threshold=1.4 temperature=2"]),
    (.dist, ["", "inter=0.3", "temperature=2"]), (.mse, ["", "centred=no"]),
    (.dhkd, ["", "weight=0.5 tau=3"]), (.kdSim, ["table=w", "table=w tau=0.1"]),
  ]

  /// Every objective, its options and the kinds that it takes with them.
  static let all: [RowCase] = options.flatMap { name, options in
    options.flatMap { options in
      name.entry.kinds.compactMap { kind in
        // Sets are at one temperature, as they are here.
        let isTempered = options.contains("temperature=") || options.contains("tau=2")
        if isTempered, kind != .dense { return nil }
        return RowCase(words: name.rawValue + (options.isEmpty ? "" : " " + options), kind: kind)
      }
    }
  }

  /// Objectives at their defaults.
  static let plain = all.filter { !$0.words.contains(" ") }

  /// Whether every id has a part of the target, one that cannot be too.
  var isSpread: Bool {
    ["smoothing", "kd-pt", "kd-topk"].contains { words.hasPrefix($0) }
  }

  /// Whether logits are compared, not probabilities.
  var isOfLogits: Bool { words.hasPrefix("mse") || words.hasPrefix("dhkd") }

  /// Whether it compares a teacher's whole row id by id, which is not a sum of two softmaxes.
  var isWholeRow: Bool {
    let isForward = ["fullkd", "ttm", "wttm", "kd-topk"].contains { words.hasPrefix($0) }
    return kind == .dense && !isForward
  }
}
