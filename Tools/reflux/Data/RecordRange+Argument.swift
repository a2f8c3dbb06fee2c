public import ArgumentParser
public import RefluxSettings

extension RecordRange: ExpressibleByArgument {
  public init?(argument: String) { self.init(text: argument) }
}
