public import ArgumentParser
public import RefluxPipeline
public import RefluxSampling
public import RefluxStorage
public import RefluxTraining

// Names of the library's own choices as values of options.

extension Objective: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension Estimator: ExpressibleByArgument {}
extension BadStepPolicy: ExpressibleByArgument {}
extension SampleEncoding: ExpressibleByArgument {}
extension SampleExtra: ExpressibleByArgument {}
extension WeightFormat: ExpressibleByArgument {}
extension SampleValues: ExpressibleByArgument {}
extension FeedConfiguration.Order: ExpressibleByArgument {}
extension FeedConfiguration.Remainder: ExpressibleByArgument {}
extension FeedConfiguration.DamagePolicy: ExpressibleByArgument {}
extension WindowPacking: ExpressibleByArgument {}
