internal import RefluxFiles

/// Where the quickstart's products lie.
public struct QuickstartFolder: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  public var run: String { path + "/run.txt" }
  public var tokenizer: String { path + "/tokenizer.json" }
  /// What the teacher is trained on.
  public var train: String { path + "/train.rfx" }
  /// What the students are trained on: the part of the training text that gets a cache.
  public var distill: String { path + "/distill.rfx" }
  public var heldOut: String { path + "/held-out.rfx" }
  public var samples: String { path + "/samples-multinomial.rfx" }
  public var topSamples: String { path + "/samples-topk.rfx" }
  public var report: String { path + "/report.html" }
  public var results: String { path + "/results.json" }

  public func model(_ name: String) -> String { path + "/models/" + name }
  func figures(_ name: String) -> String { model(name) + "/figures.json" }
  func curve(_ name: String) -> String { model(name) + "/curve.json" }
  func checkpoint(_ name: String) -> String { model(name) + "/checkpoint.safetensors" }
}
