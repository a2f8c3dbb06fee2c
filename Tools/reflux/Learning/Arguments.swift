public import ArgumentParser
public import RefluxSampling
public import RefluxTraining

// Names of the library's own choices as values of options.

extension Objective: ExpressibleByArgument {}
extension Estimator: ExpressibleByArgument {}
