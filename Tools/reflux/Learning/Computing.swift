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

  /// Runs `body`, a verb's work, where the machine has the format.
  func run(_ body: (Precision, Workers) throws -> Void) throws {
    if precision == .bfloat16 && !Products.supportsBFloat16 {
      throw Failure(
        "the precision bfloat16 needs a processor with AVX-512 or the like; use float32",
        exitCode: .usage)
    }
    try body(format, workers)
  }
}
