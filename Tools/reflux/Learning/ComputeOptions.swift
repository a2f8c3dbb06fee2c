import ArgumentParser
import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxRecipes

/// Format of the operands of matrix products; sums are float32 in both.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case float32
  case bfloat16

  /// Short names too: `fp32`, `bf16`.
  init?(argument: String) { self.init(rawValue: NumberFormatName.long(argument)) }
}

/// Options of every verb that runs a model.
struct ComputeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Operands of matrix products: float32 or bfloat16 (default: bfloat16 where the processor "
        + "multiplies it in hardware, else float32).", valueName: "format"))
  var precision: Precision?

  @Option(help: "Threads that compute (default: one per processor). Results do not depend on it.")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 || threads > 1024 {
      throw ValidationError("--threads must be 1 to 1024")
    }
    if precision == .bfloat16 && !Products.supportsBFloat16 {
      throw ValidationError(
        "--precision bfloat16 needs a processor with AVX-512 or the like; use float32")
    }
  }

  var workers: Workers { Workers(count: threads ?? CorpusEncoder.processors) }

  /// Runs `body` with the chosen format as a type.
  func run(_ body: some ComputeBody) throws {
    let fallback: Precision = Products.hasFastBFloat16 ? .bfloat16 : .float32
    switch precision ?? fallback {
    case .float32: try body.run(Float.self, workers)
    case .bfloat16: try body.run(BFloat16.self, workers)
    }
  }
}

/// A verb's work, generic over the format of operands.
protocol ComputeBody {
  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws
}
