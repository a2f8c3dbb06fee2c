internal import RefluxFiles
internal import RefluxTraining

/// Where the quickstart's products lie.
public struct QuickstartFolder: Sendable {
  /// The folder itself, as it was named.
  public let path: String

  /// Names the folder; it need not exist yet.
  public init(path: String) { self.path = path }

  /// Settings and corpus of the run that the folder belongs to; another run is refused.
  public var run: String { path + "/run.txt" }
  /// What the command was told.
  public var settings: String { path + "/" + RunFolder.settingsName }
  /// The tokenizer of teacher and students.
  public var tokenizer: String { path + "/tokenizer.json" }
  /// What the teacher is trained on.
  public var train: String { path + "/train.rfx" }
  /// What the students are trained on: the part of the training text that gets a cache.
  public var distill: String { path + "/distill.rfx" }
  /// What all models are evaluated on; no training sees it.
  public var heldOut: String { path + "/held-out.rfx" }
  /// The teacher's random draws for every token of ``distill``.
  public var samples: String { path + "/samples-multinomial.rfx" }
  /// The teacher's top-K probabilities for every token of ``distill``.
  public var topSamples: String { path + "/samples-topk.rfx" }
  /// Figures and curves for people, in one file.
  public var report: String { path + "/report.html" }
  /// The same figures for programs.
  public var results: String { path + "/results.json" }

  /// Everything that lies in the folder itself, but for ``run``, which is written first.
  var products: [String] {
    [tokenizer, train, distill, heldOut, samples, topSamples, path + "/models", report, results]
  }

  /// The folder of the model `name`, such as `teacher`.
  public func model(_ name: String) -> String { path + "/models/" + name }
  func figures(_ name: String) -> String { model(name) + "/figures.json" }
  func metrics(_ name: String) -> String { model(name) + "/" + RunLog.metricsName }
  func checkpoint(_ name: String) -> String { model(name) + "/checkpoint.safetensors" }
}
