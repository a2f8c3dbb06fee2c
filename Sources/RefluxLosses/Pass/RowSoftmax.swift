internal import CRows
internal import RefluxMemory

/// The shared body of every softmax loss: logits become gradients in place, one exponential each.
///
/// For p = softmax(x / T) and a target t of mass a = sum t, the loss sum t log(t / p) has the
/// gradient dL/dx_j = (a p_j - t_j) / T. The dense part is written by these passes; the few t_j are
/// set by the loss that knows them.
///
/// First pass, by blocks of 1,024 that stay in the first-level cache, with m = log2(e) / T:
/// r_b = the block's largest m x, rounded up to a whole number; x_j <- 2^(m x_j - r_b);
/// s_b = their sum; Z = sum_b s_b 2^(r_b - r), where r is the largest r_b. Second pass:
/// x_j <- x_j (scale 2^(r_b - r) / Z). Whole r_b make the factors between blocks exact.
///
/// Error: of e^(x - r), relative, (2 + 1.25 |x - r|) 2^-24 (3 instead of 2 without fused
/// multiply-add): the polynomial, and the one rounding of the exponent. Of bfloat16 logits 3e-6,
/// and what is stored to 1 ulp of bfloat16. Sums: float32 within a block, float64 across blocks. 0,
/// or 2^-126 of the block's largest, below that.
///
/// Memory traffic: one read and one write of the row where it fits into the second-level cache.
struct RowSoftmax {
  /// Z and r of the pass, in powers of two.
  var sums: crows_softmax
  /// m: exponents are powers of two.
  let multiplier: Float
  /// log sum_j e^(x_j / T); NaN when a logit is NaN or +infinity.
  var logSumExp: Double { sums.log2_sum / (Double(multiplier) * temperature) }
  /// The largest logit.
  var maximum: Float { sums.maximum }
  /// Whether no id has a probability: all logits are -infinity, and the pass stored no numbers.
  var isEmpty: Bool { maximum == -.infinity }
  /// sum_j p_j x_j / T, of passes with moments.
  var mean: Double { sums.mean / (Double(multiplier) * temperature) }
  /// -sum_j p_j log p_j, of passes with moments.
  var entropy: Double { (sums.log2_sum - sums.mean) * 0.693_147_180_559_945_3 }
  /// sum_j x_j, of passes with moments.
  var logitSum: Double { sums.sum }
  /// log p of a logit; exact however large the logits are.
  func logProbability(_ logit: Float) -> Double {
    let below = Double(multiplier) * Double(logit) - sums.high
    return (below - log2(sums.total)) / (Double(multiplier) * temperature)
  }

  /// The first place of the largest logit, of passes with moments.
  var argMax: Int { Int(sums.place) }

  /// The softmax of a row of which these logits were masked, with them back in.
  func joined(with logits: View<Float>, scratch: LossScratch) -> RowSoftmax {
    var highest = -Float.infinity
    for index in 0..<logits.count { highest = max(highest, logits[index]) }
    var all = self
    all.sums.high = max(sums.high, Double(multiplier) * Double(highest))
    all.sums.maximum = max(maximum, highest)
    all.sums.total = 1
    let mass = all.gradient(
      logits, logits, slope: 0, scale: 0, into: scratch.gradients, scratch.instructionSet)
    all.sums.total = mass + sums.total * exp2(sums.high - all.sums.high)
    all.sums.log2_sum = all.sums.high + log2(all.sums.total)
    return all
  }

  /// With more logits, moments included.
  func adding(_ logits: View<Float>, at ids: View<UInt32>) -> RowSoftmax {
    var all = self
    for index in 0..<logits.count {
      let (logit, place) = (logits[index], Int(ids[index]))
      guard logit > all.maximum || logit == all.maximum && place < all.argMax else { continue }
      all.sums.maximum = logit
      all.sums.place = Int64(place)
    }
    all.sums.high = max(sums.high, Double(multiplier) * Double(all.maximum))
    let before = sums.total * exp2(sums.high - all.sums.high)
    var (new, weighted) = (0.0, 0.0)
    for index in 0..<logits.count where logits[index] > -.infinity {
      let exponent = Double(multiplier) * Double(logits[index])
      let mass = exp2(exponent - all.sums.high)
      new += mass
      weighted += mass * exponent
      all.sums.sum += Double(logits[index])
    }
    all.sums.total = before + new
    all.sums.log2_sum = all.sums.high + log2(all.sums.total)
    all.sums.mean = ((before > 0 ? before * sums.mean : 0) + weighted) / all.sums.total
    return all
  }

  /// `slope` p_i + `offset` - `scale` w_i for logits of the row.
  ///
  /// - Returns: sum p_i, at an error of 1e-6 of it.
  func gradient(
    _ logits: View<Float>, _ weights: View<Float>, slope: Double, offset: Float = 0,
    scale: Float, into gradients: View<Float>, _ set: InstructionSet
  ) -> Double {
    unsafe set.table.pointee.set_gradient!(
      logits.base, weights.base, logits.count, multiplier, sums.high, sums.total, slope, offset,
      scale, gradients.base)
  }

  /// How much of `all`, which is this with more logits, is this.
  func share(of all: RowSoftmax) -> Double {
    sums.total * exp2(sums.high - all.sums.high) / all.sums.total
  }

  private let temperature: Double

  static let block = Int(CROWS_BLOCK)

  /// Blocks of a row of `count` logits.
  static func blocks(_ count: Int) -> Int { (count + block - 1) / block }

  /// Pass 1 in place; `moments` adds `mean` and `sums.sum` at a few percent of the time.
  init<Element: Scalar>(
    exponentiating row: View<Element>, temperature: Double = 1, moments: Bool = false,
    scratch: LossScratch
  ) {
    self.init(temperature: temperature, of: row.count, scratch)
    let (table, blocks) = unsafe (scratch.instructionSet.table.pointee, scratch.blocks.base)
    let ahead = unsafe scratch.ahead.base
    if Element.self == BFloat16.self {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
      let pass = unsafe moments ? table.exponentials_bfloat16_moments : table.exponentials_bfloat16
      sums = unsafe pass!(x, row.count, multiplier, blocks, ahead)
    } else {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: Float.self)
      let pass = unsafe moments ? table.exponentials_moments : table.exponentials
      sums = unsafe pass!(x, row.count, multiplier, blocks, ahead)
    }
  }

  /// Pass 1 to another array, with moments.
  init(
    exponentiating row: View<Float>, into output: View<Float>, temperature: Double,
    scratch: LossScratch
  ) {
    precondition(output.count == row.count)
    self.init(temperature: temperature, of: row.count, scratch)
    sums = unsafe scratch.instructionSet.table.pointee.exponentials_apart!(
      row.base, output.base, row.count, multiplier, scratch.blocks.base)
  }

  /// Pass 1 that only reads.
  init(reading row: View<Float>, temperature: Double = 1, scratch: LossScratch) {
    self.init(temperature: temperature, of: row.count, scratch)
    sums = unsafe scratch.instructionSet.table.pointee.statistics!(
      row.base, row.count, multiplier, scratch.blocks.base)
  }

  private init(temperature: Double, of count: Int, _ scratch: LossScratch) {
    precondition(Self.blocks(count) <= scratch.blocks.count, "the scratch is of a smaller row")
    self.temperature = temperature
    multiplier = Float(1.442_695_040_888_963_4 / temperature)
    sums = crows_softmax()
  }

  /// Pass 2: `row` becomes `scale` p_j + `offset`.
  func normalize<Element: Scalar>(
    _ row: View<Element>, scale: Double, offset: Float = 0, scratch: LossScratch
  ) {
    let (table, blocks) = unsafe (scratch.instructionSet.table.pointee, scratch.blocks.base)
    unsafe withUnsafePointer(to: sums) { sums in
      if Element.self == BFloat16.self {
        let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
        unsafe table.normalize_bfloat16!(x, row.count, blocks, sums, scale, offset)
      } else {
        let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: Float.self)
        unsafe table.normalize!(x, row.count, blocks, sums, scale, offset)
      }
    }
  }

  /// Fills `factors` with what makes `scale` times the probabilities of what the pass stored: for
  /// an addend of ``combine(_:into:offset:inverseCap:scratch:)``.
  ///
  /// Must be called before the scratch serves another pass.
  func fill(_ factors: View<Float>, scale: Double, count: Int, scratch: LossScratch) {
    for index in 0..<Self.blocks(count) {
      let reference = scratch.blocks[index].reference
      factors[index] = Float(scale / sums.total * exp2(reference - sums.high))
    }
  }

  /// row_j <- (sum_k factor_k v_kj + offset) (1 - (row_j inverseCap)^2), factors by blocks.
  ///
  /// An addend may be the row itself.
  static func combine(
    _ terms: InlineArray<3, Addend>, count: Int, into row: View<Float>, offset: Double = 0,
    inverseCap: Double = 0, scratch: LossScratch
  ) {
    var list = unsafe InlineArray<3, crows_term>(repeating: crows_term())
    for index in 0..<count {
      unsafe list[index].values = UnsafePointer(terms[index].values.base)
      unsafe list[index].factors = UnsafePointer(terms[index].factors.base)
    }
    unsafe list.span.withUnsafeBufferPointer { list in
      unsafe scratch.instructionSet.table.pointee.combine!(
        row.base, row.count, list.baseAddress, count, Float(offset), Float(inverseCap))
    }
  }

  /// One part of a gradient: values as a pass stored them and a factor for each block.
  struct Addend {
    var values: View<Float>
    var factors: View<Float>
  }

  /// sum_j t_j x_j, where `target` holds what the pass stored and the scratch is still its own.
  func mean(of row: View<Float>, over target: View<Float>, scratch: LossScratch) -> Double {
    var total = 0.0
    for index in 0..<Self.blocks(row.count) {
      let start = index * Self.block
      let count = min(Self.block, row.count - start)
      let part = unsafe scratch.instructionSet.table.pointee.dot!(
        target.base + start, row.base + start, count)
      total += Double(part) * exp2(scratch.blocks[index].reference - sums.high)
    }
    return total / sums.total
  }
}
