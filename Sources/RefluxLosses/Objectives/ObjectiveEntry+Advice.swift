internal import RefluxTargets

extension ObjectiveEntry {
  /// When to use it, in a few words.
  public var advice: String {
    switch name {
    case .ce: "the baseline that everything else is compared with"
    case .rskd: "the default: unbiased, and nobody has shown a better one from a cache"
    case .topk: "a baseline only: its mass below 1 teaches wrong probabilities"
    case .ghost: "the forward KL where a top-K cache is all there is"
    case .smoothing, .naive: "baselines for what becomes of the rest of a top-K set"
    case .fullkd: "the reference, where a teacher fits beside the student"
    case .lbf: "supervised fine-tuning, where the label must stay the most probable id"
    case .kdPT: "to see what the label's probability alone gives: one number a position"
    case .kdTopK: "to see what the order among the other ids gives"
    case .kdSim:
      "to see what a fixed similarity of classes gives, at 2 V d operations a token"
    case .kdRel: "classes in known groups, not a vocabulary"
    case .dkd: "to weigh the label apart from the others; beta=kd is the forward KL"
    case .ttm: "a softer teacher with an untempered student, from draws of p^gamma"
    case .wttm: "the same, with more weight where the teacher is unsure"
    case .pld: "where the teacher's order should count beside the label; contains it"
    case .uld: "teacher and student of different vocabularies"
    case .gld: "as a small part beside a loss of rows; vocabularies may differ"
    case .sinkd: "small batches of classification, where rows are compared too"
    case .rkl: "mode-seeking; mix it with the forward KL (fkl=0.5), or entropy collapses"
    case .jsd: "between both KL; bounded, so that bad targets harm less"
    case .skew: "the forward KL without its pull on ids that the student rules out"
    case .skewRKL: "the reverse KL with bounded gradients"
    case .tvd: "robust, and slow to start: its gradient vanishes far from the teacher"
    case .ab: "instruction sets, between mass-covering and mode-seeking"
    case .akl: "to let head and tail choose between both KL"
    case .todi: "to let every id choose between both KL"
    case .mix: "experimental: gains were shown on a student's own text alone"
    case .tad: "pre-training with a teacher beside the student, for what lies in the tail"
    case .dist: "a teacher far stronger than the student: only relations count"
    case .mse: "teacher and student of one family, on logits"
    case .dhkd: "where the label's and the teacher's gradients disagree; start with weight=1/V"
    case .topkd: "experimental; published for images alone"
    case .llp: "scores of links between the nodes of a graph"
    }
  }
}
