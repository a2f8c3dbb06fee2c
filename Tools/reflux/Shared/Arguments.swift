public import ArgumentParser
internal import RefluxModelFiles
public import RefluxPipeline
public import RefluxRecipes
internal import RefluxSampling
public import RefluxSettings
public import RefluxStorage
import RefluxTargets
public import RefluxTraining

// Names of the library's own choices as values of options.

extension OptimizerKind: ExpressibleByArgument {}
extension Estimator: ExpressibleByArgument {}
extension SampleEncoding: ExpressibleByArgument {}
extension SampleValues: ExpressibleByArgument {
  /// Short names too: `fp16`.
  public init?(argument: String) { self.init(rawValue: NumberFormatName.long(argument)) }
}
extension FeedConfiguration.Order: ExpressibleByArgument {}
extension BadLinePolicy: ExpressibleByArgument {}
extension TextFile.Layout: ExpressibleByArgument {}

extension RecordRange: ExpressibleByArgument {
  public init?(argument: String) { self.init(text: argument) }
}
