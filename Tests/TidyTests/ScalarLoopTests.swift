import Foundation
import Testing

/// What the numeric modules were compiled to.
struct ScalarLoopTests {
  private static let modules = [
    "CRows", "RefluxMemory", "RefluxLosses", "RefluxKernels", "RefluxModel", "RefluxSampling",
    "RefluxStorage", "RefluxModelFiles", "RefluxCapture", "RefluxEvaluation", "RefluxTraining",
  ]

  /// Modules whose code is compiled for each number format before it runs.
  private static let kernels: Set = ["RefluxMemory", "RefluxLosses", "RefluxKernels"]

  /// Functions that may go number by number, and why. Only ever shorten this.
  private static let reasons: [String: String] = [
    "Attention.init(": "once for a layer",
    "Attention.forward(": "one logarithm for a row of scores",
    "RowSoftmax.mean(": "one power of two for a block of 1,024 logits",
    "RowSoftmax.adding(": "the ids of a set beside a smoothed label, in float64",
    "BatchLoss.entropies(": "one pass over a row of logits, called through the table of passes",
    "GradientSum.add(": "one power of two for a block of 1,024 logits",
    "RowLoss.softmaxes(": "one power of two for a block of 1,024 logits",
    "RowLoss.apart(": "one exponential for an id of a set, in float64",
    "RowLoss.truncated(": "one exponential for an id of a set, in float64",
    "RowLoss.gradient(_:_:_:size:)": "one logarithm for an id of a set, in float64",
    "RowLoss.decoupled(": "one logarithm for a row, beside the ids of its set",
    "RowLoss.entries<": "one call for a set, between loops over its ids",
    "RowLoss.dense(": "objectives on a teacher's whole row, by their definition",
    "DensePair.": "objectives on a teacher's whole row, by their definition",
    "Correlations.": "rows that stand together, by their definition",
    "Graph.": "rows that stand together: k numbers of each",
    "Sinkhorn.": "rows that stand together: one call for a pair of them",
    "SinkhornPlan.": "rows that stand together: one exponential for a pair of them",
    "TailAware.": "rows that stand together, by their definition",
    "TopScaled.": "rows that stand together: one exponential for a pair of them",
    "View<>.loadTail(": "the last numbers of a row",
    "View<>.storeTail(": "the last numbers of a row",
    "RowSoftmax.fill(": "one power of two for a block of 1,024 logits",
    "Rotary.init(": "once for a model",
    "RotaryScaling.frequencies(": "once for a model",
    "Decoder.init(": "once for a model",
    "Sampler.draw(": "one division for a distinct id",
    "Sampler.weigh(": "one exponential for a distinct id, in float64: stores hold its bits",
    "Sampler.keepTop(": "one exponential for an id kept, in float64: stores hold its bits",
    "SampleStoreWriter.": "one logarithm for an id of a store of logarithms, in float64",
    "WeightColumn.": "one logarithm for an id of a store of logarithms, in float64",
    "one-time initialization function for logarithms": "256 powers of two for the process",
    "CaptureDrawing.": "one exponential for an id of a set whose mass is recorded",
    "DrawingRule.": "a word of generated text, beside the forward pass of a model",
    "EvaluationRows.": "one root for a set",
    "SplitDraws.": "a table for an evaluation",
    "WindowMeans.": "one root for an evaluation",
    "SetEntropy.": "one logarithm for an id of a set whose entropy is logged",
    "RunIdentity.mayGoOn(": "two rates for a step before a checkpoint, once for a run",
    "Collection.split(maxSplits": "the options of a loss, once for a run",
    "Arena.measure": "a closure, once for a run",
    "TopSource.": "foreign ids, in float64: stores hold their bits",
  ]

  /// The build's folder of this test, where it holds optimised code for x86-64.
  private static let products: URL? = {
    #if arch(x86_64) && os(Linux)
      let folder = Bundle.main.bundleURL
      return folder.path.contains("/release") ? folder : nil
    #else
      return nil
    #endif
  }()

  @Test(.enabled(if: products != nil, "only optimised code for x86-64 is looked into"))
  func loopsGoByVectors() throws {
    let products = try #require(Self.products)
    for module in Self.modules {
      let functions = try Objects(products.appending(path: "\(module).build")).functions()
      #expect(functions.count > 3, "\(module)")
      for function in functions {
        let found = ScalarLoops.found(in: function, ofKernels: Self.kernels.contains(module))
        if found.isEmpty || function.name.contains("eference") { continue }
        let reason = Self.reasons.keys.first { function.name.contains($0) }
        #expect(reason != nil, "\(module): \(function.name): \(found.sorted())")
      }
    }
  }

  /// AdamW as it was compiled while it took Swift's square root of sixteen lanes.
  @Test func aScalarRootInALoopIsFound() throws {
    let text = """
      0000000000000010 <update>:
            10:      \tvmovups\t(%rdi), %zmm0
            16:      \tvsqrtss\t%xmm0, %xmm0, %xmm1
            1a:      \tcallq\t0x1f <update+0xf>
      \t\t000000000000001b:  R_X86_64_PLT32\texpf-0x4
            1f:      \tvmulss\t%xmm0, %xmm0, %xmm0
            23:      \tvmulps\t%zmm0, %zmm0, %zmm0
            29:      \tcallq\t*%rax
            2a:      \tjb\t0x10 <update>
            2c:      \tvdivss\t%xmm0, %xmm0, %xmm0
            2f:      \tretq
      """
    let function = try #require(Disassembly(text).functions.first)
    #expect(function.name == "update" && function.instructions.count == 9)
    #expect(ScalarLoops.found(in: function, ofKernels: false) == ["sqrtss", "expf"])
    #expect(
      ScalarLoops.found(in: function, ofKernels: true) == ["sqrtss", "expf", "indirect call"])
  }
}
