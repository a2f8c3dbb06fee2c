internal import RefluxKernels

/// The largest logit of a row, by way of the largest logits of 64 disjoint parts of it.
struct LaneMaxima {
  private typealias Lanes = SIMD16<Float>

  /// The largest logit; NaNs are passed over.
  let maximum: Float
  /// Whether any logit is NaN.
  let hasNaN: Bool
  /// The largest logit of each part; -infinity for empty parts.
  private let parts: InlineArray<4, Lanes>

  init(_ logits: View<Float>) {
    self = logits.withSpan { LaneMaxima(span: $0) }
  }

  private init(span: Span<Float>) {
    var parts = InlineArray<4, Lanes>(repeating: Lanes(repeating: -.infinity))
    var invalid = Lanes()
    var index = 0
    while index + 64 <= span.count {
      for part in 0..<4 {
        Self.add(span.lanes(at: index + part * 16), to: &parts[part], &invalid)
      }
      index += 64
    }
    while index < span.count {
      let lanes = span.lanes(at: index, fill: -.infinity)
      Self.add(lanes, to: &parts[(index & 63) / 16], &invalid)
      index += 16
    }
    maximum = parts[0].larger(parts[1]).larger(parts[2].larger(parts[3])).halvingMaximum
    hasNaN = invalid.halvingSum.isNaN
    self.parts = parts
  }

  @inline(__always)
  private static func add(_ lanes: Lanes, to part: inout Lanes, _ invalid: inout Lanes) {
    part = part.replacing(with: lanes, where: lanes .> part)
    invalid = invalid.replacing(with: lanes, where: lanes .!= lanes)
  }

  /// A number that the `rank` largest logits all reach; -infinity when `rank` exceeds 64.
  func lowerBound(ofRank rank: Int) -> Float {
    if rank > 64 { return -.infinity }
    var values: [Float] = []
    values.reserveCapacity(64)
    for part in 0..<4 { for lane in 0..<16 { values.append(parts[part][lane]) } }
    values.sort(by: >)
    return values[rank - 1]
  }
}
