public import RefluxKernels
public import RefluxMemory
public import RefluxModel

/// AdamW over all tensors of a model, or Muon over the layers' matrices and AdamW over the rest,
/// with clipping by the gradient's norm.
///
/// Memory: 8 bytes per parameter for the two moments; Muon's matrices have the first one only,
/// their momentum, and share the room of one layer (see `MuonPass`). The norm is summed over
/// fixed slices in a fixed order, so steps do not depend on the number of workers.
@safe
public final class Optimizer: @unchecked Sendable {
  // Safe because: shares write to disjoint slices.
  /// The model whose weights are updated.
  public let model: any LanguageModel
  /// Decay of the moments and epsilon, the same for all tensors that AdamW updates.
  public let adam: AdamW
  /// Matrices shrink by rate * `weightDecay` of themselves per step; gains and biases do not.
  public let weightDecay: Float
  /// Largest norm of the gradient; 0 leaves it as it is.
  public let clipNorm: Float
  /// First moments, or Muon's momentum, in the order of the model's table.
  public let firstMoments: View<Float>
  /// Second moments of the tensors that AdamW updates, in the order of the table.
  public let secondMoments: View<Float>
  private let secondOffsets: [Int?]
  private let muon: (any MatrixUpdate)?
  private let arena = Arena()
  /// Shares of the norm, whose bounds decide its last bits.
  private let normSlices: [Slice]
  private let squares: View<Double>
  /// Shares of AdamW, small enough for a core's cache.
  private let slices: [AdamSlice]

  private struct Slice {
    var start: Int
    var count: Int
  }

  private struct AdamSlice {
    var start: Int
    var count: Int
    var second: Int
    var decays: Bool
  }

  /// Takes the memory of the moments, which start at zero.
  public init(
    _ model: any LanguageModel, kind: OptimizerKind = .adamw, adam: AdamW = AdamW(),
    muon: Muon = Muon(), weightDecay: Float = 0.1, clipNorm: Float = 1
  ) {
    let table = model.table
    self.model = model
    self.adam = adam
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.muon = kind == .muon ? Self.muonPass(model, muon) : nil
    var count = 0
    secondOffsets = table.entries.map { entry in
      if kind == .muon && table.isHidden(entry) { return nil }
      defer { count += entry.count }
      return count
    }
    firstMoments = arena.take(table.count)
    secondMoments = arena.take(count)
    normSlices = table.entries.flatMap { entry in
      Self.cut(entry.count, by: 1 << 16).map { part in
        Slice(start: entry.offset + part.lowerBound, count: part.count)
      }
    }
    squares = arena.take(normSlices.count)
    slices = zip(table.entries, secondOffsets).flatMap { entry, second -> [AdamSlice] in
      guard let second else { return [] }
      return Self.cut(entry.count, by: 1 << 14).map { part in
        AdamSlice(
          start: entry.offset + part.lowerBound, count: part.count,
          second: second + part.lowerBound, decays: entry.decays)
      }
    }
  }

  private static func muonPass(_ model: any LanguageModel, _ muon: Muon) -> any MatrixUpdate {
    switch model.precision {
    case .float32: MuonPass<Float>(model, muon: muon)
    case .bfloat16: MuonPass<BFloat16>(model, muon: muon)
    }
  }

  /// What updates change.
  var state: TrainingState {
    TrainingState(
      table: model.table, secondOffsets: secondOffsets, weights: model.weights,
      firstMoments: firstMoments, secondMoments: secondMoments)
  }

  private static func cut(_ count: Int, by size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// sqrt(sum of squares) of all gradients.
  public func norm(_ gradients: View<Float>) -> Double { sumOfSquares(gradients).squareRoot() }

  /// The sum of the squares of all gradients.
  func sumOfSquares(_ gradients: View<Float>) -> Double {
    model.workers.run(normSlices.count) { share, _ in
      let slice = normSlices[share]
      squares[share] = RefluxMemory.sumOfSquares(gradients.slice(slice.start, slice.count))
    }
    var total = 0.0
    for share in normSlices.indices { total += squares[share] }
    return total
  }

  /// What gradients of a norm are multiplied by.
  func clip(_ norm: Double) -> Float {
    clipNorm > 0 && norm > Double(clipNorm) ? Float(Double(clipNorm) / norm) : 1
  }

  /// One update of all weights, and of the products' operands.
  ///
  /// - Parameters:
  ///   - step: counted from 0.
  ///   - norm: of `gradients`; above ``clipNorm`` they are scaled down to it.
  public func update(_ gradients: View<Float>, step: Int, rate: Double, norm: Double) {
    let clip = clip(norm)
    model.workers.run(slices.count) { share, _ in
      let slice = slices[share]
      adam.update(
        weights: model.weights.slice(slice.start, slice.count),
        gradient: gradients.slice(slice.start, slice.count),
        m: firstMoments.slice(slice.start, slice.count),
        v: secondMoments.slice(slice.second, slice.count), step: step + 1, rate: Float(rate),
        decay: slice.decays ? weightDecay : 0, clip: clip)
      model.weightsChanged(from: slice.start, slice.count)
    }
    muon?.update(
      gradients, m: firstMoments, .init(rate: Float(rate), decay: weightDecay, clip: clip))
  }
}
