import ArgumentParser
import RefluxFiles
import RefluxRecipes
import RefluxTraining

/// Tokens and targets in, a trained model out.
struct TrainVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a student from labels, cached samples or a teacher.",
    usage: SettingOptions<TrainSettings>.usage,
    discussion: """
      The student is a folder with a model, which is trained further, or a config.json, which \
      starts from random weights (--seed). It prints what is going to be trained, a line every few \
      seconds, and where the model is; with --json one object for each logged step. --dry-run says \
      what a run needs. The output folder gets checkpoint.safetensors while training and the model \
      at the end; the same command again resumes from the checkpoint and gives the bits of a run \
      that never stopped. More --steps resume too, where no learning rate so far would have been \
      another: with --decay-steps, while the rate is at its peak. Beside them are metrics.jsonl, a \
      line for each logged step, and a TensorBoard event file; 'reflux report' compares runs. \
      run.json holds the settings: --config RUN/run.json --output OTHER repeats the run, to the \
      bit.

      Losses, by what they are learned from; where several fit, sets win over a teacher:

      \(LossNames.text)

      Of the top-K sets' own: topk takes them as they are; their remaining mass is one bucket \
      (ghost), goes to all ids (smoothing) or to the label (naive). A loss that does not fit its \
      data is refused with the reason. 'reflux objective list' has the equation of each, its \
      options and what it needs recorded.

      The loss of rskd is the divergence (KL) from the drawn sets, in nats: the draws' own noise \
      is in it and stays, however good the student. The cross-entropy beside it (loss plus the \
      sets' own entropy) estimates that to the teacher without bias: it falls towards the \
      teacher's entropy, and compares with lm loss and with runs on other targets.

      A config.json of a small model, in Hugging Face's layout; vocab_size is the token store's:
        {"model_type": "llama", "vocab_size": 4096, "hidden_size": 128,
         "intermediate_size": 344, "num_hidden_layers": 3, "num_attention_heads": 2,
         "max_position_embeddings": 512, "tie_word_embeddings": true}

      EXAMPLES:
        reflux train --student student.json --tokens train.rfx --loss ce \\
          --output student --steps 300
        reflux train --student student.json --tokens train.rfx --loss rskd \\
          --samples samples.rfx --output student --steps 300 --json
        reflux train --student student.json --tokens train.rfx --loss ce \\
          --output student --steps 3000 --held-out held-out.rfx --evaluate-every 500
        reflux train --student student.json --tokens train.rfx --teacher teacher \\
          --loss fullkd --output student --epochs 1
        reflux train --student student.json --tokens train.rfx --samples top.rfx \\
          --loss jsd:beta=0.3,tail=bucket --output student --steps 300
        reflux train --student student.json --mix mix.json --packing best-fit --loss ce \\
          --output student --steps 3000
        reflux train --config student/run.json --learning-rate 0.001 --output other
      """)

  @OptionGroup var options: SettingOptions<TrainSettings>
  @Flag(help: "Resume from a checkpoint, and fail without one (default: resume if there is one).")
  var resume = false
  @Flag(help: "Say what the run comes to in steps, memory and time, and write nothing.")
  var dryRun = false

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    guard let settings = try options.resolve() else { return }
    try OutputGate(reading: settings.data.paths()).admitStandardOutput()
    Interruption.finishSafely()
    var recipe = TrainRecipe(settings)
    recipe.software = Reflux.software
    (recipe.resumes, recipe.replaces) = (resume, replacing.force)
    if dryRun { return try forecast(recipe) }
    let log = TrainLog(self)
    let outcome = try recipe.run(
      .console(isQuiet: showing.quiet, showsLines: !log.isShown, row: { try log.add($0) }))
    if case .interrupted(let step) = outcome {
      throw Failure.interrupted(
        path: settings.output,
        "step \(step) is in checkpoint.safetensors; run the same command again to resume")
    }
    try log.end(Self.next(settings))
  }

  /// Says what the run comes to; also where there is not the memory for it.
  private func forecast(_ recipe: TrainRecipe) throws(Failure) {
    let forecast = try stoppable(
      at: nil, "nothing was to be written; run the same command again"
    ) { try recipe.forecast(.console(isQuiet: showing.quiet)) }
    var facts = forecast.outline.factsOfParts
    forecast.timing?.add(to: &facts)
    try facts.print(json: printing.json)
    if let lack = forecast.lack { throw Failure(lack) }
  }

  /// What to do with the model.
  private static func next(_ settings: TrainSettings) -> String {
    let output = settings.output
    return "\(output) holds the model; next: reflux evaluate --model \(output) --tokens "
      + (settings.heldOut ?? "HELD-OUT")
  }
}
