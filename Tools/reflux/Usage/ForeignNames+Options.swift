import RefluxTargets

extension ForeignNames {
  static let options = training + optimizing + watching + data + machine

  private static let training = [
    Entry(
      """
      batch-size bs train-batch-size micro-batch-size per-device-train-batch-size \
      per-device-batch-size
      """, "--batch", note: "windows of a batch"),
    Entry(
      """
      seq-len seq-length seqlen sequence-length block-size max-seq-len max-seq-length max-length \
      context-length context-size context-window ctx ctx-len n-ctx context window
      """, "--window", "--context", note: "tokens of a window"),
    Entry(
      "max-steps max-iters num-steps n-steps total-steps train-steps train-iters iterations iters",
      "--steps"),
    Entry("num-epochs num-train-epochs max-epochs n-epochs epoch", "--epochs"),
    Entry(
      """
      grad-accum grad-accum-steps gradient-accumulation gradient-accumulation-steps \
      accumulation-steps accumulate-grad-batches accumulate-steps
      """, "--accumulate"),
    Entry(
      """
      gradient-checkpointing activation-checkpointing grad-checkpointing grad-checkpoint \
      checkpoint-activations recompute-activations
      """, "--recompute"),
    Entry(
      "resume-from resume-from-checkpoint load-checkpoint load ckpt ckpt-path restore continue",
      "--resume", note: "the same command resumes from the checkpoint in its --output"),
    Entry(
      "model-name model-path model-name-or-path pretrained init-from model-dir", "--student",
      "--model", "--teacher"),
    Entry("model", "--student", "--teacher"), Entry("student", "--model"),
    Entry("teacher-model teacher-path teacher-name teacher-model-name-or-path", "--teacher"),
    Entry("kd-temperature distill-temperature kd-temp temp t", "--temperature"),
    Entry("kd-alpha distill-alpha kd-weight kl-weight distillation-weight", "--alpha"),
    Entry("loss-type loss-fn kd-loss objective", "--loss"),
  ]

  private static let optimizing = [
    Entry("lr peak-lr max-lr base-lr", "--learning-rate"),
    Entry(
      "min-lr min-lr-ratio end-lr final-lr", "--floor-share",
      note: "the last rate as a share of the peak"),
    Entry(
      "warmup warmup-iters warmup-ratio num-warmup-steps lr-warmup-steps lr-warmup-iters",
      "--warmup-steps"),
    Entry(
      "lr-scheduler lr-scheduler-type lr-schedule lr-decay-style scheduler schedule wsd",
      "--decay-steps", note: "a cosine without it, with it a stable rate that decays at the end"),
    Entry("lr-decay-steps lr-decay-iters", "--decay-steps"),
    Entry("wd", "--weight-decay"),
    Entry(
      "max-grad-norm grad-clip clip-grad clip-grad-norm gradient-clip-val gradient-clipping clip",
      "--clip-norm"),
    Entry("optim opt", "--optimizer"),
    Entry("label-smoothing-factor smoothing", "--label-smoothing"),
    Entry("adam-beta1", "--beta1"), Entry("adam-beta2", "--beta2"),
    Entry("betas adam-betas", "--beta1", note: "and --beta2"),
    Entry("eps adam-epsilon adam-eps", "--epsilon"),
    Entry("data-random-seed shuffle-seed sampler-seed", "--data-seed"),
  ]

  private static let watching = [
    Entry(
      "wandb wandb-project report-to logger log-dir logging-dir tensorboard-dir", "--tensorboard",
      note: "every run writes metrics.jsonl and TensorBoard events to its --output"),
    Entry(
      """
      eval-data val-data valid-data validation-data eval-dataset val-dataset eval-file val-file \
      validation-file validation
      """, "--held-out"),
    Entry(
      "eval-every eval-interval eval-steps val-every val-interval val-check-interval",
      "--evaluate-every"),
    Entry(
      "eval-iters eval-tokens eval-limit max-samples max-eval-samples limit", "--limit",
      "--evaluate-tokens", note: "in tokens"),
    Entry(
      "log-every log-interval logging-steps log-every-n-steps print-every print-freq",
      "--log-steps"),
    Entry(
      "save-steps save-every save-interval save-freq checkpoint-every checkpoint-interval",
      "--checkpoint-steps"),
    Entry("save-total-limit save-top-k keep-last max-checkpoints", "--keep-checkpoints"),
  ]

  private static let data = [
    Entry("data dataset train-data train-file data-path data-dir dataset-name input", "--tokens"),
    Entry(
      "output-dir out-dir out-file output-path output-file save-dir save-path out o save-to",
      "--output"),
    Entry("overwrite overwrite-output-dir overwrite-cache replace f y yes", "--force"),
    Entry(
      "force overwrite overwrite-output-dir overwrite-cache f y yes",
      note: "name another --output, or remove what is there"),
    Entry("tokenizer-name tokenizer-path tokenizer-file tokenizer-name-or-path", "--tokenizer"),
    Entry("vocab-size vocab n-vocab vocabulary-size", "--vocabulary", "--train-tokenizer"),
    Entry("text-key text-column text-field content-key json-key json-keys", "--field"),
    Entry("num-samples n-samples samples-per-token draws num-draws n-draws", "--rounds"),
    Entry(
      "top-k topk k", "--estimator topk", note: "with as many ids as --rounds says"),
    Entry("prop-temperature proposal-temperature sampling-temperature", "--tau"),
    Entry("max-new-tokens max-tokens n-predict num-tokens max-length", "--count"),
    Entry("text input-text", "--prompt"),
    Entry("draft-model assistant-model speculative-model", "--draft"),
    Entry("n num rows num-records slice", "--records"),
  ]

  private static let machine = [
    Entry("bf16 bfloat16 use-bf16", "--precision bfloat16"),
    Entry("fp32 float32 tf32 no-bf16", "--precision float32"),
    Entry(
      "fp16 float16 half", "--precision bfloat16",
      note: "products are in bfloat16 or float32, weights and sums always in float32"),
    Entry(
      "dtype torch-dtype mixed-precision amp autocast", "--precision",
      note: "float32 or bfloat16"),
    Entry("save-dtype output-dtype", "--weight-format"),
    Entry("random-seed manual-seed rng-seed", "--seed"),
    Entry(
      "num-workers dataloader-num-workers num-threads n-threads num-proc n-jobs jobs workers j",
      "--threads", "--jobs"),
    Entry(
      "device cuda gpu gpus n-gpu num-gpus accelerator compile torch-compile deepspeed fsdp ddp",
      note: "everything runs on this machine's CPU, on as many --threads as it has processors"),
    Entry("verbose v log-level", note: "it says all it knows, and --quiet makes it say less"),
  ]
}
