public import ArgumentParser
public import RefluxModelFiles
public import RefluxPipeline
public import RefluxRecipes
internal import RefluxSampling
public import RefluxStorage
import RefluxTargets
public import RefluxTraining

// Names of the library's own choices as values of options.

extension Objective: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension Estimator: ExpressibleByArgument {}
extension BadStepPolicy: ExpressibleByArgument {}
extension SampleEncoding: ExpressibleByArgument {}
extension SampleExtra: ExpressibleByArgument {}
extension WeightFormat: ExpressibleByArgument {
  /// Short names too: `bf16`.
  public init?(argument: String) { self.init(rawValue: NumberFormatName.long(argument)) }
}
extension SampleValues: ExpressibleByArgument {
  /// Short names too: `fp16`.
  public init?(argument: String) { self.init(rawValue: NumberFormatName.long(argument)) }
}
extension FeedConfiguration.Order: ExpressibleByArgument {}
extension FeedConfiguration.Remainder: ExpressibleByArgument {}
extension FeedConfiguration.DamagePolicy: ExpressibleByArgument {}
extension Packing: ExpressibleByArgument {}
extension BadLinePolicy: ExpressibleByArgument {}
extension TextFile.Layout: ExpressibleByArgument {}
