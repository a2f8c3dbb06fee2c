import ArgumentParser

@main
struct Reflux: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reflux", abstract: "Distil language models from cached, sparse teacher logits.")
}
