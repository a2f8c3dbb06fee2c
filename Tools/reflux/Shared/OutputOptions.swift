import ArgumentParser

/// Options of every verb that prints facts.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print facts as JSON: one object per line on standard output.")
  var json = false
}

/// Options of every verb that takes a while.
struct ProgressOptions: ParsableArguments {
  @Flag(help: "Show no progress; errors are still shown.")
  var quiet = false
}
