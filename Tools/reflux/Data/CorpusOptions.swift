import ArgumentParser
import RefluxRecipes

/// How text is found and read.
struct CorpusOptions: ParsableArguments {
  @Option(help: "The field of a JSON line that holds the text.")
  var field = "text"

  @Option(
    help: ArgumentHelp(
      "How documents lie in files: text (a file is one) or jsonl (a line is one) (default: by"
        + " name).",
      valueName: "format"))
  var format: TextFile.Layout?

  @Option(
    help: ArgumentHelp(
      "A line of JSON without a sound text: stop; skip it; or replace lone surrogates and bytes"
        + " that are no UTF-8 by U+FFFD and skip other lines. Counted.", valueName: "policy"))
  var onBadLine = BadLinePolicy.stop

  @Option(
    help: ArgumentHelp(
      "A file or folder that cannot be read: stop, or skip it, named and counted.",
      valueName: "policy"))
  var onUnreadable = UnreadablePolicy.stop

  @Flag(help: "Pass over links in folders; they are followed to files, which may lie elsewhere.")
  var noFollow = false

  /// The search for files, without those that are written.
  func search(excluding outputs: [String]) -> CorpusSearch {
    var search = CorpusSearch()
    search.excluded = outputs
    search.followsLinks = !noFollow
    search.skipsUnreadable = onUnreadable == .skip
    search.layout = format
    search.field = field
    return search
  }
}

/// What becomes of what cannot be read.
enum UnreadablePolicy: String, ExpressibleByArgument, CaseIterable {
  case stop
  case skip
}
