import ArgumentParser
import RefluxKernels
import RefluxModel
import RefluxTraining

/// Tokens and targets in, a trained model out.
struct TrainVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a student from labels, cached samples or a teacher.",
    discussion: """
      The student is a folder with a model, which is trained further, or a config.json, which \
      starts from random weights (--seed). Losses: ce (labels), rskd (sample store of random \
      draws), topk (sample store of raw top-K sets), fullkd (--teacher, run beside the student). \
      A step that logs prints one line; with --json one object. The output folder gets \
      checkpoint.safetensors while training and the model at the end; the same command again \
      goes on from the checkpoint and gives the bits of a run that never stopped. Beside them are \
      metrics.jsonl, a line for each logged step, and a TensorBoard event file; 'reflux report' \
      compares runs.

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
      """)

  @Option(help: ArgumentHelp("A config.json, or a model's folder.", valueName: "config or model"))
  var student: String
  @Option(help: ArgumentHelp("Token store to train on.", valueName: "store"))
  var tokens: String
  @Option(help: ArgumentHelp("Sample store of these tokens.", valueName: "store"))
  var samples: String?
  @Option(help: ArgumentHelp("Teacher, for fullkd.", valueName: "model"))
  var teacher: String?
  @Option(help: "What to learn from: ce, rskd, topk or fullkd.")
  var loss: Objective
  @Option(help: ArgumentHelp("Folder for the model and its checkpoint.", valueName: "folder"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "A tokenizer.json to put beside the model (default: the student's, or the one in the "
        + "teacher's folder or beside the token store that made the tokens).", valueName: "file"))
  var tokenizer: String?

  @Option(help: "Steps of training.")
  var steps: Int?
  @Option(help: "Passes over the tokens, instead of --steps.")
  var epochs: Double?
  @Option(help: "Windows per step.")
  var batch = 16
  @Option(
    help: ArgumentHelp(
      "Tokens per window (default: the samples' context, else 256 or the student's positions if "
        + "fewer)."))
  var window: Int?
  @Option(help: "Peak learning rate.")
  var learningRate = 3e-3
  @Option(help: "Steps of linear warm-up before the cosine decay (default: 50 or a fifth).")
  var warmupSteps: Int?
  @Option(help: "Last learning rate as a share of the peak.")
  var floorShare = 0.1
  @Option(help: "Decoupled weight decay of the matrices.")
  var weightDecay: Float = 0.1
  @Option(help: "Largest norm of the gradient; 0 for none.")
  var clipNorm: Float = 1
  @Option(help: "Seed of the initial weights and of the order of windows.")
  var seed: UInt64 = 0
  @Flag(help: "Take the windows in the order of the store.")
  var sequential = false
  @Option(help: "Steps from one checkpoint to the next; 0 for only at an interruption or the end.")
  var checkpointSteps = 100
  @Option(help: "Steps from one logged line to the next.")
  var logSteps = 1

  @OptionGroup(title: "Watching") var watching: WatchOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if (steps == nil) == (epochs == nil) {
      throw ValidationError("Give --steps or --epochs")
    }
    if let epochs, !(epochs > 0 && epochs < 1e6) {
      throw ValidationError("--epochs must be above 0")
    }
    if let steps, steps < 1 { throw ValidationError("--steps must be at least 1") }
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
    if let window, window < 1 { throw ValidationError("--window must be at least 1") }
    if logSteps < 1 { throw ValidationError("--log-steps must be at least 1") }
    do { try configuration(window: window ?? 256, steps: steps ?? 1 << 32).validate() } catch {
      throw ValidationError("\(error)")
    }
    if loss.needsSamples && samples == nil {
      throw ValidationError("--loss \(loss.rawValue) needs --samples <store>")
    }
    if loss.needsTeacher && teacher == nil {
      throw ValidationError("--loss \(loss.rawValue) needs --teacher <model>")
    }
  }

  func configuration(window: Int, steps: Int) -> TrainingConfiguration {
    TrainingConfiguration(
      objective: loss, batch: batch, window: window, steps: steps, peakRate: learningRate,
      warmupSteps: warmupSteps ?? min(50, steps / 5), floorShare: floorShare,
      weightDecay: weightDecay, clipNorm: clipNorm, seed: seed, shuffled: !sequential,
      checkpointSteps: checkpointSteps)
  }

  func run() throws {
    Interruption.finishSafely()
    try compute.run(TrainRun(verb: self))
  }
}
