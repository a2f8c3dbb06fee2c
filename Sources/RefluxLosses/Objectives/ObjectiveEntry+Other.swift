internal import RefluxTargets

extension ObjectiveEntry {
  /// Objectives by order, by distance, on logits or on scores.
  static func other(_ name: ObjectiveName) -> ObjectiveEntry {
    switch name {
    case .pld: plackettLuce
    case .uld: universal
    case .gld: graph
    case .sinkd: sinkhorn
    case .dist: correlation
    case .mse: squares
    case .dhkd: dualHead
    case .topkd: topScaled
    default: linkPrediction
    }
  }

  private static var plackettLuce: ObjectiveEntry {
    ObjectiveEntry(.pld, "Plackett-Luce likelihood of the label, then the teacher's order").with {
      $0.options = [
        ObjectiveOption("steps", .integer(0, 0...Int.max), "places that count; 0 takes all"),
        ObjectiveOption("tau", .number(1, .above(0, to: 1000)), "T of the teacher's weights"),
      ]
      ($0.kinds, $0.misfit) = ([.topk, .dense], .order)
      $0.scalars = [.topk: [.label]]
      $0.needsLabel = true
      $0.source = "Plackett-Luce Distillation, NeurIPS 2025, arXiv 2506.12542"
    }
  }

  private static var universal: ObjectiveEntry {
    ObjectiveEntry(.uld, "sum |q - p| of both sorted; vocabularies may differ").with {
      $0.options = [
        .temperature,
        ObjectiveOption(
          "tail", .choice(["bucket", "zero"]), "the rest of a set: one bucket, or nothing"),
      ]
      ($0.kinds, $0.misfit) = ([.topk, .dense], .order)
      $0.welcome = [.topk: [.mass]]
      $0.cost = .pass
      $0.source = "Universal Logit Distillation, TMLR 2025, arXiv 2402.12030"
    }
  }

  private static var graph: ObjectiveEntry {
    ObjectiveEntry(.gld, "sum |f - f'| of sorted row sums of Z^T Z over the k largest").with {
      $0.options = [
        ObjectiveOption("k", .integer(10, 1...Int.max), "largest logits of each row"),
        ObjectiveOption("reduce", .choice(["mean", "sum"]), "row sums over k, or as they are"),
        ObjectiveOption(
          "input", .choice(["raw", "probability", "standard"]),
          "logits, probabilities, or logits less their mean over their deviation, whose row sums"
            + " vanish and the loss with them"),
      ]
      ($0.kinds, $0.misfit) = ([.topk, .dense], .order)
      $0.scalars = [.topk: [.logsum]]
      ($0.grouping, $0.cost) = (.window, .pass)
      $0.source = "InfiGFusion, NeurIPS 2025, arXiv 2505.13893"
    }
  }

  private static var sinkhorn: ObjectiveEntry {
    ObjectiveEntry(.sinkd, "Sinkhorn distance between rows of a group, over its rows").with {
      $0.options = [
        .group, .temperature,
        ObjectiveOption("epsilon", .number(0.1, .within(0.025...1000)), "smoothing of the plan"),
        ObjectiveOption("iterations", .integer(20, 1...10_000), "of rows and columns"),
        ObjectiveOption("detach", .flag(false), "whether the plan is held constant"),
      ]
      ($0.kinds, $0.misfit) = ([.topk, .dense], .noise)
      ($0.grouping, $0.cost) = (.group, .group)
      $0.source = "SinKD, LREC-COLING 2024, arXiv 2402.17110"
    }
  }

  private static var correlation: ObjectiveEntry {
    ObjectiveEntry(.dist, "1 - Pearson's correlation of rows (inter) and columns (intra)").with {
      $0.options = [
        .temperature,
        ObjectiveOption("inter", .number(1, .within(0...1e6)), "weight of the rows"),
        ObjectiveOption("intra", .number(0, .within(0...1e6)), "weight of a group's columns"),
        .group,
      ]
      ($0.kinds, $0.misfit) = ([.topk, .dense], .notLinear)
      ($0.grouping, $0.cost) = (.group, .pass)
      $0.source = "DIST, NeurIPS 2022, arXiv 2205.10536"
    }
  }

  private static var squares: ObjectiveEntry {
    ObjectiveEntry(.mse, "squared gaps of logits, the mean over rows and vocabulary").with {
      $0.options = [
        ObjectiveOption("centred", .flag(true), "whether each row's mean gap is taken off")
      ]
      ($0.kinds, $0.cost) = ([.dense], .dense)
    }
  }

  private static var dualHead: ObjectiveEntry {
    ObjectiveEntry(.dhkd, "tau^2 sum log cosh((s - t) / (2 tau)), for a second head").with {
      $0.options = [
        ObjectiveOption("weight", .number(1, .within(0...1e6)), "factor of the loss"),
        ObjectiveOption("tau", .number(2, .above(0, to: 1000)), "scale of the gaps"),
        ObjectiveOption(
          "align", .flag(true), "in training, whether the body's gradients are aligned"),
      ]
      ($0.kinds, $0.cost) = ([.dense], .dense)
      $0.source = "Dual-Head Knowledge Distillation, KDD 2025, arXiv 2411.08937"
    }
  }

  private static var topScaled: ObjectiveEntry {
    ObjectiveEntry(.topkd, "contrast of rows, and cosines with scaled top logits; experimental")
      .with {
        let weight = NumberRange.within(0...1e6)
        $0.options = [
          ObjectiveOption("k", .integer(5, 1...Int.max), "largest and smallest logits"),
          ObjectiveOption("w", .number(2, weight), "factor of the largest logit"),
          ObjectiveOption("w_label", .number(2, weight), "of the label's where it is not first"),
          ObjectiveOption("shift", .number(0.1, weight), "share of the gap that is added"),
          ObjectiveOption("alpha", .number(1, weight), "weight of the largest"),
          ObjectiveOption("beta", .number(1, weight), "weight of the smallest"),
          ObjectiveOption("tau", .number(1, .above(0, to: 1000)), "divides the products of rows"),
          .group,
        ]
        $0.kinds = [.dense]
        $0.needsLabel = true
        ($0.grouping, $0.cost) = (.group, .group)
        $0.source = "Top-scaled Knowledge Distillation, arXiv 2508.04539"
      }
  }

  private static var linkPrediction: ObjectiveEntry {
    ObjectiveEntry(.llp, "scores of links: KL of their softmax and ranks by pairs").with {
      $0.options = [
        ObjectiveOption("margin", .number(0.1, .within(0...1)), "gap of scores that is a rank")
      ]
      ($0.kinds, $0.cost) = ([.dense], .dense)
      $0.source = "Linkless Link Prediction, ICML 2023"
    }
  }
}
