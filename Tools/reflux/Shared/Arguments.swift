public import ArgumentParser
public import RefluxSampling
public import RefluxStorage
public import RefluxTraining

// Names of the library's own choices as values of options.

extension Objective: ExpressibleByArgument {}
extension Estimator: ExpressibleByArgument {}
extension SampleEncoding: ExpressibleByArgument {}
extension SampleExtra: ExpressibleByArgument {}
extension WeightFormat: ExpressibleByArgument {}
extension SampleValues: ExpressibleByArgument {}
