internal import RefluxKernels
internal import RefluxLosses
internal import RefluxPipeline
public import RefluxSettings
internal import RefluxTargets
internal import RefluxTraining

extension TrainSettings {
  /// The table.
  public static let groups: [SettingGroup<TrainSettings>] = [
    SettingGroup("", model), SettingGroup("Data", data), SettingGroup("Loss", loss),
    SettingGroup("Optimizer", optimizer), SettingGroup("Checkpoints", checkpoints),
    SettingGroup("Watching", watching), SettingGroup("Machine", machine),
  ]

  private static let model: [Setting<TrainSettings>] = [
    .path("student", \.student, "A config.json, or a model's folder.")
      .named("config or model").identity,
    Setting(
      "loss", \.training.objective,
      "What to learn: NAME, or NAME:key=value,... with options of the loss; see the list of losses."
    ).rebased { settings, change in
      settings.training.objective = settings.training.objective.withFiles(change)
    }.required.identity,
    .path("output", \.output, "Folder for the model and its checkpoint.").named("folder"),
    .path(
      "teacher", \.teacher, "Teacher that runs beside the student, for losses that take its logits."
    ).named("model").identity,
    .path(
      "tokenizer", \.tokenizer,
      "A tokenizer.json, or a folder with one, to put beside the model."
    ).standard(
      "the student's, or the one that made the tokens: in the teacher's folder or beside the stores"
    ).named("file"),
    Setting("steps", \.steps, in: .within(TrainingConfiguration.stepsRange), "Steps of training.")
      .instead(of: "epochs").identity,
    Setting(
      "epochs", \.epochs, in: .above(0, to: 1e6),
      "Passes over the tokens, instead of 'steps'; with a mix that says epochs, over all of it."
    ).instead(of: "steps"),
    Setting("seed", \.seed, "Seed of the initial weights and of the order of windows.").identity,
  ]

  private static let data: [Setting<TrainSettings>] =
    SourceSettings.rows.map { $0.of(\.data) } + [
      Setting(
        "batch", \.training.feed.batch, in: .within(FeedConfiguration.batchRange),
        "Windows per batch."
      ).named("windows").identity,
      Setting(
        "accumulate", \.training.accumulation, in: .within(TrainingConfiguration.accumulationRange),
        "Batches whose gradients make one step (gradient accumulation)."
      ).named("batches").identity,
      Setting("window", \.window, in: .within(FeedConfiguration.windowRange), "Tokens per window.")
        .standard("the samples' context, else 256 or the student's positions if fewer")
        .named("tokens").identity,
      Setting("data_seed", \.dataSeed, "Seed of the order of windows alone.")
        .standard("'seed'").identity,
      Setting(
        "on_damage", \.training.feed.onDamage,
        "What a damaged block does: stop, or skip its windows and count them (skipped_windows)."
      ).named("policy"),
    ]

  private static let loss: [Setting<TrainSettings>] = [
    Setting(
      "alpha", \.training.loss.distillation, in: .within(LossOptions.shareRange),
      "Share of the target in the loss; the rest is cross-entropy with the label."
    ).named("share").identity,
    Setting(
      "alpha_end", \.training.finalDistillation, in: .within(LossOptions.shareRange),
      "Share of the target at the last step; it goes there in a line, logged as alpha."
    ).named("share").identity,
    Setting(
      "temperature", \.temperature, in: .above(0),
      "Temperature T of the target's part, the loss's option of that name; sets of a store have"
        + " theirs."
    ).standard("the loss's, else 1").identity,
    Setting(
      "label_smoothing", \.training.loss.labelSmoothing, in: .within(LossOptions.smoothingRange),
      "Share of the label's mass that is spread over all ids; for ce, or 'alpha' below 1."
    ).named("share").identity,
    Setting(
      "z_loss", \.training.loss.zLoss, in: .atLeast(0),
      "Factor of the squared log-sum-exp of the logits in the loss."
    ).named("factor").identity,
    Setting(
      "focus", \.training.focus,
      "Positions of each window to train on, KIND:SHARE: student-entropy:0.2 takes the fifth where"
        + " the student is least sure at that step, for one more product with the head."
    ).standard("all").named("kind:share").identity,
  ]

  private static let optimizer: [Setting<TrainSettings>] =
    rates + [
      Setting(
        "optimizer", \.training.optimizer,
        "adamw, or muon for the layers' matrices and adamw for all else, with the same rates."
      ).named("name").identity,
      Setting(
        "beta1", \.training.adam.beta1, in: .within(AdamW.betaRange), "AdamW: decay of the mean."
      ).named("share").identity,
      Setting(
        "beta2", \.training.adam.beta2, in: .within(AdamW.betaRange),
        "AdamW: decay of the squares' mean."
      ).named("share").identity,
      Setting(
        "epsilon", \.training.adam.epsilon, in: .above(0),
        "AdamW: what is added to the root of the squares' mean."
      ).named("number").identity,
      Setting(
        "muon_momentum", \.training.muon.momentum, in: .within(Muon.momentumRange),
        "Muon: decay of the mean."
      ).named("share").identity,
      Setting(
        "muon_iterations", \.training.muon.iterations, in: .within(Muon.iterationRange),
        "Muon: iterations of the Newton-Schulz polynomial."
      ).identity,
      Setting(
        "muon_epsilon", \.training.muon.epsilon, in: .above(0),
        "Muon: the least norm that a matrix is divided by."
      ).named("number").identity,
      Setting(
        "muon_scale", \.training.muon.scale, in: .above(0),
        "Muon: size of an update against the root of the longer side."
      ).named("factor").identity,
      Setting(
        "bad_steps", \.training.badSteps,
        "A step whose loss or gradient is NaN or infinite, or a spike: stop or skip it."
      ).named("policy").identity,
      Setting(
        "spike_factor", \.training.spikeFactor, in: .within(TrainingConfiguration.spikeFactorRange),
        "A loss above the running mean by (this - 1) times its size is a spike; 0: none."
      ).named("factor").identity,
    ]

  private static let rates: [Setting<TrainSettings>] = [
    Setting(
      "learning_rate", \.training.peakRate, in: .within(TrainingConfiguration.rateRange),
      "Peak learning rate."
    ).named("rate").identity,
    Setting(
      "warmup_steps", \.warmupSteps, in: .atLeast(0),
      "Steps of linear warm-up before the cosine decay."
    ).standard("50 or a fifth").named("steps").identity,
    Setting(
      "floor_share", \.training.floorShare, in: .within(TrainingConfiguration.shareRange),
      "Last learning rate as a share of the peak (min_lr / peak)."
    ).named("share").identity,
    Setting(
      "decay_steps", \.training.decaySteps, in: .atLeast(1),
      "Steps of linear decay at the end, after a stable peak (WSD), instead of the cosine."
    ).named("steps").identity,
    Setting(
      "weight_decay", \.training.weightDecay, in: .within(TrainingConfiguration.decayRange),
      "Decoupled weight decay of the matrices."
    ).named("rate").identity,
    Setting(
      "clip_norm", \.training.clipNorm, in: .within(TrainingConfiguration.normRange),
      "Largest norm of the gradient; 0 for none."
    ).named("norm").identity,
  ]

  private static let checkpoints: [Setting<TrainSettings>] = [
    Setting(
      "checkpoint_steps", \.training.checkpointSteps, in: .atLeast(0),
      "Steps from one checkpoint to the next; 0 for only at an interruption or the end."
    ).named("steps"),
    Setting(
      "checkpoint_minutes", \.training.checkpointMinutes,
      in: .within(TrainingConfiguration.minutesRange),
      "Minutes from one checkpoint to the next; 0 for none by the clock."
    ).named("minutes"),
    Setting(
      "keep_checkpoints", \.training.keptCheckpoints, in: .within(TrainingConfiguration.keptRange),
      "Checkpoints to keep; those before the last have their step in the name."
    ).named("checkpoints"),
    .path(
      "from_checkpoint", \.fromCheckpoint,
      "Checkpoint of another run, whose weights and moments this one starts with, at step 0."
    ).named("file").identity,
    Setting("weight_format", \.weightFormat, "Numbers of the saved weights.").named("format"),
  ]

  private static let watching: [Setting<TrainSettings>] = [
    .path(
      "held_out", \.heldOut,
      "Token store to evaluate the student on while it is trained, in windows that are cut as the"
        + " training's; the training does not depend on it."
    ).named("store"),
    Setting(
      "evaluate_every", \.evaluateEvery, in: .atLeast(1),
      "Steps from one evaluation on 'held_out' to the next; the last step has one too."
    ).standard("100").named("steps"),
    Setting(
      "evaluate_tokens", \.evaluateTokens, in: .atLeast(1),
      "At most so many tokens of an evaluation."
    ).standard("all").named("tokens"),
    .path(
      "tensorboard", \.tensorboard,
      "Folder of the runs that TensorBoard shows; this one's event file goes to a folder in it that"
        + " is called as the output folder."
    ).standard("the output folder").named("folder"),
    Setting(
      "log_steps", \.logSteps, in: .atLeast(1),
      "Steps from one line of metrics.jsonl, and of the JSON that is printed, to the next."
    ).named("steps"),
  ]

  private static let machine: [Setting<TrainSettings>] =
    [
      Setting(
        "recompute", \.training.recomputes,
        "Compute activations again in the backward pass (gradient checkpointing): less memory, more"
          + " time, same bits.")
    ] + ComputeSettings.rows.map { $0.of(\.compute) }
}
