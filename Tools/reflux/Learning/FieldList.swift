import ArgumentParser
import RefluxStorage

/// Optional fields on the command line: `mass,label`.
struct FieldList: ExpressibleByArgument {
  var fields: [SampleExtra]

  init?(argument: String) {
    fields = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let field = SampleExtra(rawValue: String(name)), !fields.contains(field) else {
        return nil
      }
      fields.append(field)
    }
  }
}
