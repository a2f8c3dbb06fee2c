internal import RefluxTargets

extension ObjectiveEntry {
  /// Forward KL from a target that is made of the teacher's probabilities, the label or a table.
  static func target(_ name: ObjectiveName) -> ObjectiveEntry {
    switch name {
    case .lbf:
      entry(name, "forward KL from the top K ids and the label together", tang: false) {
        $0.options = [
          ObjectiveOption(
            "form", .choice(["paper", "code"]),
            "t = (p + e_y) / (1 + S), or 0.9 CE + 0.1 KL(p / S)"),
          ObjectiveOption("k", .integer(0, 0...Int.max), "ids of the teacher; 0 takes all"),
        ]
        $0.kinds = [.sampled, .topk, .dense]
        $0.source = "Logits-Based Finetuning, EMNLP 2025, arXiv 2505.24461"
      }
    case .kdPT:
      entry(name, "the teacher's probability of the label, the rest in equal parts") {
        $0.kinds = [.sampled, .topk, .dense]
        $0.scalars = [.topk: [.label]]
        $0.welcome = [.sampled: [.label]]
      }
    case .kdTopK:
      entry(name, "the top K ids, the rest in equal parts over all others") {
        $0.options = [
          ObjectiveOption("k", .integer(0, 0...Int.max), "ids of the teacher; 0 takes all")
        ]
        $0.kinds = [.topk, .dense]
        $0.misfit = .order
        $0.needsLabel = false
      }
    case .kdSim:
      entry(name, "softmax of the cosines of the label's row of a table with all rows") {
        $0.options = [
          ObjectiveOption("table", .file, "the teacher's output rows, [vocabulary, width]"),
          ObjectiveOption("tau", .number(0.3, .above(0, to: 1000)), "divides the cosines"),
        ]
        ($0.kinds, $0.cost) = ([.label], .dense)
      }
    case .kdRel:
      entry(name, "fixed shares of the label, of its group and of all others") {
        $0.options = [
          ObjectiveOption("groups", .file, "the group of every id"),
          ObjectiveOption("b1", .number(0.7, .within(0...1)), "share of the label"),
          ObjectiveOption("b2", .number(0.1, .within(0...1)), "share of each id of its group"),
        ]
        $0.kinds = [.label]
      }
    default: matching(name)
    }
  }

  private static func entry(
    _ name: ObjectiveName, _ summary: String, tang: Bool = true,
    _ change: (inout ObjectiveEntry) -> Void
  ) -> ObjectiveEntry {
    ObjectiveEntry(name, summary).with {
      $0.needsLabel = true
      $0.source = "Understanding and Improving Knowledge Distillation, arXiv 2002.03532"
      change(&$0)
    }
  }

  private static func matching(_ name: ObjectiveName) -> ObjectiveEntry {
    let isWeighted = name == .wttm
    return ObjectiveEntry(
      name, (isWeighted ? "U " : "") + "KL(p^gamma / U || q), U = sum p^gamma"
    ).with {
      $0.options = [
        ObjectiveOption("gamma", .number(0.5, .above(0, to: 1)), "power of the probabilities")
      ]
      $0.kinds = [.sampled, .topk, .dense]
      $0.scalars = isWeighted ? [.sampled: [.power], .topk: [.power]] : [.topk: [.power]]
      $0.source = "Transformed Teacher Matching, ICLR 2024, arXiv 2402.11148"
    }
  }
}
