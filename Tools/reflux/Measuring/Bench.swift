import ArgumentParser

/// The group of benchmarks; does nothing by itself.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed and size, each beside its physical limit in the same run.",
    discussion: """
      Every row gives the median of some runs, and where there is one the limit that the machine \
      itself sets, measured in turns with it: on a shared machine the ratio of the two says more \
      than either.

      EXAMPLES:
        reflux bench kernels --vocabulary 32768 --threads 1
        reflux bench store
        reflux bench store --samples quickstart/samples.rfx --json
      """,
    subcommands: [BenchKernels.self, BenchSampling.self, BenchStore.self])
}
