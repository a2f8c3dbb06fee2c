/// The objectives that this package knows, by the names that they are given in.
public enum ObjectiveName: String, Sendable, CaseIterable {
  case ce, rskd, topk, ghost, smoothing, naive, fullkd
  case lbf
  case kdPT = "kd-pt"
  case kdTopK = "kd-topk"
  case kdSim = "kd-sim"
  case kdRel = "kd-rel"
  case dkd, ttm, wttm, pld, uld, gld, sinkd
  case rkl, jsd, skew
  case skewRKL = "skew-rkl"
  case tvd, ab, akl, todi, mix, tad, dist, mse, dhkd, topkd, llp
}
