import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxRecipes

/// How a verb computes, on this machine.
extension ComputeSettings {
  /// The format where none was asked for: bfloat16 where it is faster.
  var format: Precision {
    precision ?? (Products.hasFastBFloat16 ? .bfloat16 : .float32)
  }

  var workers: Workers { Workers(count: threads ?? CorpusEncoder.processors) }

  /// Runs `body` with the format as a type.
  func run(_ body: some ComputeBody) throws {
    if precision == .bfloat16 && !Products.supportsBFloat16 {
      throw Failure(
        "the precision bfloat16 needs a processor with AVX-512 or the like; use float32",
        exitCode: .usage)
    }
    switch format {
    case .float32: try body.run(Float.self, workers)
    case .bfloat16: try body.run(BFloat16.self, workers)
    }
  }
}

/// A verb's work, generic over the format of operands.
protocol ComputeBody {
  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws
}
