internal import RefluxKernels
internal import RefluxModel

/// How a recipe computes, on this machine.
extension ComputeSettings {
  /// The format where none was asked for: bfloat16 where it is faster.
  public var format: Precision {
    precision ?? (Products.hasFastBFloat16 ? .bfloat16 : .float32)
  }

  /// The threads where nobody said how many: one for each processor.
  public var threadCount: Int { threads ?? ProcessorCount.active }

  var workers: Workers { Workers(count: threadCount) }

  /// Refuses a format that this processor has no products for.
  func check() throws(RecipeError) {
    if precision == .bfloat16 && !Products.supportsBFloat16 { throw .noBFloat16 }
  }

  /// Runs `body` with the format as a type; the one place that knows both.
  func run<Body: ComputeBody>(_ body: Body) throws -> Body.Result {
    try check()
    return switch format {
    case .float32: try body.run(Float.self, workers)
    case .bfloat16: try body.run(BFloat16.self, workers)
    }
  }
}

/// A recipe's work, generic over the format of operands.
protocol ComputeBody {
  associatedtype Result
  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws -> Result
}
