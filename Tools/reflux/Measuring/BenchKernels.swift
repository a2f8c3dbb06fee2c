import ArgumentParser
import RefluxBenchmarks
import RefluxLosses

/// What the losses cost.
struct BenchKernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Losses with their gradients, beside a copy of the logits.",
    discussion: """
      Measures loss and gradient in place of the logits, in turns with a copy of the same logits \
      to another buffer (memcpy) and with reading, multiplying and writing them back (in_place, \
      the limit of work in place, which a copy is slower than): cross-entropy (ce), sparse \
      targets (sparse_kl), sparse targets with a ghost token (ghost) and a teacher's whole \
      softmax (dense_kl, float32 only), and any other objective (--objective), for float32 and \
      bfloat16 logits; \
      then an output head with its loss (linear_ce, linear_sparse_kl), in turns with its matrix \
      products alone (products, their limit). limit is memcpy or products. overhead_percent is \
      over ce or linear_ce, of other objectives over sparse_kl or dense_kl, the median over the \
      turns.

      EXAMPLES:
        reflux bench kernels
        reflux bench kernels --vocabulary 32768 --threads 1 --json
        reflux bench kernels --objective jsd:beta=0.9 --objective pld --ids 12 --width 0
        reflux bench kernels --isa x86-64-v3
      """)

  @Option(help: "Logits per row; may be given several times.")
  var vocabulary: [Int] = []
  @Option(help: "Ids per sparse target; may be given several times.")
  var ids: [Int] = []
  @Option(help: "An objective, NAME or NAME:key=value,...; may be given several times.")
  var objective: [String] = []
  @Option(help: "Threads; may be given several times.")
  var threads: [Int] = []
  @Option(help: "Rows of logits.")
  var rows = 512
  @Option(help: "Width of the hidden states of the linear losses; 0 leaves them out.")
  var width = 768
  @Option(help: "Runs that count, after two for warming up.")
  var runs = 21
  @Option(help: "Instruction set, one that the machine has (default: the best).")
  var isa: String?

  @OptionGroup var output: BenchOptions

  func validate() throws {
    try BenchOptions.check("--runs", runs, in: 1...10_000)
    try BenchOptions.check("--rows", rows, in: 1...65_536)
    try BenchOptions.check("--width", width, in: 0...65_536)
    try BenchOptions.check("--vocabulary", vocabulary, in: 1...1 << 20)
    try BenchOptions.check("--ids", ids, in: 1...65_536)
    try BenchOptions.check("--threads", threads, in: 1...1024)
    _ = try objectives()
    let sets = KernelBenchmark.instructionSets
    guard isa.map(sets.contains) ?? true else {
      throw ValidationError("--isa must be one of \(sets.joined(separator: ", "))")
    }
  }

  private func objectives() throws -> [ObjectiveChoice] {
    try objective.map { text in
      do { return try ObjectiveChoice(parsing: text) } catch {
        throw ValidationError("--objective: \(error)")
      }
    }
  }

  func run() throws {
    Interruption.finishSafely()
    var configuration = KernelBenchmark.Configuration()
    if !vocabulary.isEmpty { configuration.vocabularies = vocabulary }
    if !ids.isEmpty { configuration.ids = ids }
    configuration.objectives = try objectives()
    if !threads.isEmpty { configuration.threads = threads }
    configuration.rows = rows
    configuration.width = width == 0 ? nil : width
    configuration.runs = runs
    configuration.instructionSet = isa
    try output.run(KernelBenchmark.self, configuration, verb: "kernels")
  }
}
