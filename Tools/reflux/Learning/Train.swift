import ArgumentParser
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxTraining

/// Tokens and targets in, a trained model out.
struct TrainVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a student from labels, cached samples or a teacher.",
    discussion: """
      The student is a folder with a model, which is trained further, or a config.json, which \
      starts from random weights (--seed). Losses: ce (labels), rskd (sample store of random \
      draws), topk (sample store of top-K sets, as they are), ghost, smoothing, naive (the same \
      sets, whose remaining mass is one bucket, goes to all ids, goes to the label), fullkd \
      (--teacher, run beside the student). \
      It prints what is going to be trained, a line every few seconds, and where the model is; \
      with --json one object for each logged step. --dry-run says what a run needs. The output \
      folder gets checkpoint.safetensors while training and the model at the end; the same command \
      again goes on from the checkpoint and gives the bits of a run that never stopped. More \
      --steps go on, too, where no learning rate so far would have been another: with \
      --decay-steps, while the rate is at its peak. Beside them are metrics.jsonl, a line for each \
      logged step, and a TensorBoard event file; 'reflux report' compares runs.

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
        reflux train --student student.json --mix mix.json --packing best-fit --loss ce \\
          --output student --steps 3000
      """)

  @Option(help: ArgumentHelp("A config.json, or a model's folder.", valueName: "config or model"))
  var student: String
  @Option(help: ArgumentHelp("Teacher, for fullkd.", valueName: "model"))
  var teacher: String?
  @Option(help: "What to learn from: ce, rskd, topk, ghost, smoothing, naive or fullkd.")
  var loss: Objective
  @Option(help: ArgumentHelp("Folder for the model and its checkpoint.", valueName: "folder"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "A tokenizer.json, or a folder with one, to put beside the model (default: the student's, "
        + "or the one that made the tokens: in the teacher's folder or beside the stores).",
      valueName: "file"))
  var tokenizer: String?

  @Option(help: "Steps of training.")
  var steps: Int?
  @Option(
    help: ArgumentHelp(
      "Passes over the tokens, instead of --steps; with a mix that says 'epochs', over all of it"
        + " (default: 1)."))
  var epochs: Double?
  @Option(help: "Windows per batch.")
  var batch = 16
  @Option(help: "Batches whose gradients make one step.")
  var accumulate = 1
  @Option(
    help: ArgumentHelp(
      "Tokens per window (default: the samples' context, else 256 or the student's positions if "
        + "fewer)."))
  var window: Int?
  @Option(help: "Share of the target in the loss; the rest is cross-entropy with the label.")
  var alpha = 1.0
  @Option(help: "Share of the target at the last step; it goes there in a line, logged as alpha.")
  var alphaEnd: Double?
  @Option(help: "Temperature T of the target's part, which counts T^2 times; for fullkd.")
  var temperature = 1.0
  @Option(
    help: "Share of the label's mass that is spread over all ids; for ce, or --alpha below 1.")
  var labelSmoothing = 0.0
  @Option(help: "Factor of the squared log-sum-exp of the logits in the loss.")
  var zLoss = 0.0
  @Option(
    help: ArgumentHelp(
      "adamw, or muon for the layers' matrices and adamw for all else, with the same rates.",
      valueName: "name"))
  var optimizer = OptimizerKind.adamw
  @Flag(help: "Compute activations again in the backward pass: less memory, more time, same bits.")
  var recompute = false
  @Option(help: "Peak learning rate.")
  var learningRate = 3e-3
  @Option(help: "Steps of linear warm-up before the cosine decay (default: 50 or a fifth).")
  var warmupSteps: Int?
  @Option(help: "Last learning rate as a share of the peak.")
  var floorShare = 0.1
  @Option(help: "Steps of linear decay at the end, after a stable peak, instead of the cosine.")
  var decaySteps: Int?
  @Option(help: "Decoupled weight decay of the matrices.")
  var weightDecay: Float = 0.1
  @Option(help: "Largest norm of the gradient; 0 for none.")
  var clipNorm: Float = 1
  @Option(help: "Seed of the initial weights and of the order of windows.")
  var seed: UInt64 = 0
  @Option(help: "Steps from one checkpoint to the next; 0 for only at an interruption or the end.")
  var checkpointSteps = 100
  @Flag(help: "Go on from a checkpoint, and fail without one (default: go on if there is one).")
  var resume = false
  @Option(
    help: ArgumentHelp(
      "Checkpoint of another run, whose weights and moments this one starts with, at step 0.",
      valueName: "file"))
  var fromCheckpoint: String?
  @Option(help: "Minutes from one checkpoint to the next; 0 for none by the clock.")
  var checkpointMinutes = 0.0
  @Option(help: "Checkpoints to keep; those before the last have their step in the name.")
  var keepCheckpoints = 1
  @Option(help: "A step whose loss or gradient is no number, or a spike: stop or skip it.")
  var badSteps = BadStepPolicy.stop
  @Option(help: "A loss above the running mean by (this - 1) times its size is a spike; 0: none.")
  var spikeFactor = 0.0
  @Option(
    help: ArgumentHelp(
      "What a damaged block does: stop, or skip its windows and count them (skipped_windows).",
      valueName: "policy"))
  var onDamage = FeedConfiguration.DamagePolicy.stop
  @Option(
    help: ArgumentHelp(
      "Numbers of the saved weights: float32, bfloat16 or float16.", valueName: "format"))
  var weightFormat = WeightFormat.float32
  @Option(help: "Steps from one line of metrics.jsonl, and of --json, to the next.")
  var logSteps = 1
  @Flag(help: "Say what the run comes to in steps, memory and time, and write nothing.")
  var dryRun = false

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup(title: "Data") var data: SourceOptions
  @OptionGroup(title: "Watching") var watching: WatchOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if steps != nil ? epochs != nil : epochs == nil && data.mix == nil {
      throw ValidationError("Give --steps or --epochs")
    }
    if let epochs, !(epochs > 0 && epochs < 1e6) {
      throw ValidationError("--epochs must be above 0")
    }
    if let steps, steps < 1 { throw ValidationError("--steps must be at least 1") }
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
    if let window, window < 1 { throw ValidationError("--window must be at least 1") }
    if logSteps < 1 { throw ValidationError("--log-steps must be at least 1") }
    let configuration = configuration(window: window ?? 256, steps: steps ?? 1 << 32)
    do throws(TrainingError) {
      // What a store of a mix says is known later.
      if data.mix == nil { try configuration.validate(shares: [nil]) }
      try configuration.validate()
    } catch { throw ValidationError("\(error)") }
    if loss.needsSamples && data.tokens != nil && data.samples == nil {
      throw ValidationError("--loss \(loss.rawValue) needs --samples <store>")
    }
    if loss.needsTeacher && teacher == nil {
      throw ValidationError("--loss \(loss.rawValue) needs --teacher <model>")
    }
  }

  func configuration(window: Int, steps: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(
      objective: loss, batch: batch, window: window, steps: steps, peakRate: learningRate,
      warmupSteps: warmupSteps ?? min(50, steps / 5, max(0, steps - (decaySteps ?? 0))),
      floorShare: floorShare,
      weightDecay: weightDecay, clipNorm: clipNorm, seed: seed,
      checkpointSteps: checkpointSteps)
    configuration.accumulation = accumulate
    configuration.optimizer = optimizer
    configuration.recomputes = recompute
    configuration.decaySteps = decaySteps
    configuration.checkpointMinutes = checkpointMinutes
    configuration.keptCheckpoints = keepCheckpoints
    configuration.badSteps = badSteps
    configuration.spikeFactor = spikeFactor
    configuration.loss.distillation = alpha
    configuration.finalDistillation = alphaEnd
    configuration.loss.temperature = temperature
    configuration.loss.labelSmoothing = labelSmoothing
    configuration.loss.zLoss = zLoss
    configuration.feed.onDamage = onDamage
    return configuration
  }

  func run() throws {
    Interruption.finishSafely()
    try compute.run(TrainRun(verb: self))
  }
}
