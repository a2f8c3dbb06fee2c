internal import RefluxTargets

extension ObjectiveEntry {
  /// Divergences of two distributions, with the rest of a top-K set in one bucket.
  static func divergence(_ name: ObjectiveName) -> ObjectiveEntry {
    switch name {
    case .rkl:
      entry(name, "reverse KL, or fkl of the forward and 1 - fkl of the reverse KL", "") {
        $0.options += [
          ObjectiveOption("fkl", .number(0, .within(0...1)), "share of the forward KL")
        ]
      }
    case .jsd:
      entry(name, "Jensen-Shannon; beta weights the teacher, 0 and 1 are the two KL", "GKD") {
        $0.options += [ObjectiveOption("beta", .number(0.5, .within(0...1)), "teacher's weight")]
      }
    case .skew, .skewRKL:
      entry(
        name, name == .skew ? "KL(p || a p + (1 - a) q)" : "KL(q || (1 - a) p + a q)",
        "DistiLLM, ICML 2024"
      ) {
        $0.options += [ObjectiveOption("alpha", .number(0.1, .below(0..<1)), "share a")]
      }
    case .tvd: entry(name, "total variation, half of sum |p - q|", "f-distill, ACL 2023") { _ in }
    case .ab:
      entry(name, "alpha-beta divergence; 1, 0 is the forward and 0, 1 the reverse KL", "") {
        $0.options = [
          .temperature,
          ObjectiveOption(
            "tail", .choice(["spread", "bucket", "drop"]),
            "the rest of a set: as the student's lies, one bucket, or nothing"),
          ObjectiveOption("a", .number(0.2, .within(-10...10)), "first power"),
          ObjectiveOption("b", .number(0.7, .within(-10...10)), "second power"),
        ]
        $0.cost = .pass
        $0.source = "ABKD, ICML 2025"
      }
    case .akl:
      entry(name, "forward and reverse KL, weighed by the gaps in head and tail", "") {
        $0.options = [
          .temperature,
          ObjectiveOption("mu", .number(0.5, .within(0...1)), "mass of the head"),
        ]
        $0.source = "Rethinking KL in KD for LLMs, arXiv 2404.02657"
      }
    case .todi:
      entry(name, "per id w FKL + (1 - w) RKL, w = p / (p + q) held constant", "") {
        $0.source = "ToDi, arXiv 2505.16297"
      }
    case .mix: byEntropy
    case .tad: tailAware
    default: decoupled
    }
  }

  private static func entry(
    _ name: ObjectiveName, _ summary: String, _ source: String,
    _ change: (inout ObjectiveEntry) -> Void
  ) -> ObjectiveEntry {
    ObjectiveEntry(name, summary).with {
      $0.options = [.temperature, .tail]
      $0.kinds = [.topk, .dense]
      $0.misfit = .notLinear
      $0.welcome = [.topk: [.mass]]
      $0.source = source
      change(&$0)
    }
  }

  private static var byEntropy: ObjectiveEntry {
    entry(
      .mix, "reverse KL, plus forward KL where the teacher's entropy is high; experimental",
      "Entropy-Aware On-Policy Distillation, arXiv 2603.07079"
    ) {
      $0.options += [
        ObjectiveOption("by", .choice(["entropy"]), "what says where the forward KL is added"),
        ObjectiveOption(
          "threshold", .number(0.8, .within(0...1000)), "entropy in nats above which it is"),
      ]
      $0.scalars = [.topk: [.entropy]]
    }
  }

  private static var tailAware: ObjectiveEntry {
    ObjectiveEntry(.tad, "KL of head and rest, plus the tail's own KL weighed by beta").with {
      $0.options = [
        ObjectiveOption("k", .integer(10, 1...Int.max), "ids of the head"),
        ObjectiveOption("beta", .number(2, .within(0...1e6)), "weight of the tail"),
      ]
      $0.kinds = [.dense]
      ($0.grouping, $0.cost) = (.window, .dense)
      $0.source = "Don't ignore the tail, arXiv 2602.20816"
    }
  }

  private static var decoupled: ObjectiveEntry {
    ObjectiveEntry(.dkd, "T^2 (alpha TCKD + beta NCKD): the label apart from all others").with {
      $0.options = [
        .temperature,
        ObjectiveOption("alpha", .number(1, .within(0...1e6)), "weight of the label's part"),
        ObjectiveOption(
          "beta", .number(2, .within(0...1e6), word: "kd"),
          "weight of the others' part; 'kd' is 1 - p_y, which makes it the forward KL"),
        ObjectiveOption(
          "cap", .number(0, .within(0...1e6)), "bound of the factor 1 / (1 - p_y); 0 is none"),
      ]
      $0.kinds = [.sampled, .topk, .dense]
      $0.scalars = [.sampled: [.label], .topk: [.label]]
      $0.needsLabel = true
      $0.source = "Decoupled Knowledge Distillation, CVPR 2022"
    }
  }
}
